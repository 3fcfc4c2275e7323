import { describe, expect, it, vi } from 'vitest'
import { rotationOnDemand } from '../../src/jobs/key-rotation.ts'
import { listSigningKeys } from '../../src/storage/signing-keys.ts'
import { mine, openKeyDesk } from '../management/keys.ts'

describe('who keeps the keys', () => {
  it('looks once more after all that asked meanwhile, and again when asked again', async () => {
    const desk = await openKeyDesk()
    let looks = 0
    const act = () => {
      looks += 1
      return desk.act()
    }
    const keep = rotationOnDemand({ ...desk.ports(mine), act, events: { record: () => undefined } })
    const keys = async () => listSigningKeys(desk.db.management)
    for (let count = 0; count < 50; count += 1) keep()
    await vi.waitUntil(async () => (await keys()).length === 2 && looks === 2, { timeout: 10_000 })
    await vi.waitUntil(
      () => {
        keep()
        return looks > 2
      },
      { timeout: 10_000 },
    )
    expect(await keys()).toHaveLength(2)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Places } from './places.ts'
import { openPlaces } from './places.ts'
import type { Terminal } from './terminal.ts'

let places: Places
let beside: Terminal
let afar: Terminal
beforeAll(async () => {
  places = await openPlaces()
  ;({ beside } = places)
  afar = await places.holding('ops', 'Owner')
})
afterAll(async () => places.test.close())

describe('an organization that shares its name', () => {
  it('is found by its id, and by its name where no other is seen', async () => {
    const own = await afar.json('organization show Acme')
    const twin = await beside.json('organization create Twin')
    await afar.json('organization change Acme --name Twin')
    const needed = {
      code: 2,
      stdout: '',
      stderr: `countersign: several are called "Twin": say which organization by its id, "${own.id}" | "${twin.id}"\n`,
    }
    expect(await beside.run('account list --organization Twin')).toEqual(needed)
    expect(await beside.run('audit verify --organization Twin')).toEqual(needed)
    const unsaid = await beside.run('account list')
    expect(unsaid.stderr).toContain(`--organization "${own.id}" | "${twin.id}"`)
    expect((await beside.json(`organization show ${own.id}`)).name).toBe('Twin')
    expect((await afar.json('organization show Twin')).id).toBe(own.id)
  })
})

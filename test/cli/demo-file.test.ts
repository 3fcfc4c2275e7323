import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDemo, writeDemo } from '../../src/cli/demo-file.ts'

const demo = {
  organization: `org_${'1'.repeat(26)}`,
  audience: 'https://deploy.example.com',
  terraform: { id: `sa_${'2'.repeat(26)}`, name: 'terraform' },
  ci: { id: `sa_${'3'.repeat(26)}`, name: 'ci' },
}

describe('what is remembered of the demo', () => {
  let folder = ''
  let file = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-demo-'))
    file = join(folder, 'demo.json')
  })
  afterAll(async () => rm(folder, { recursive: true }))

  it('is nothing before it is written, and then what was written, in one file', async () => {
    expect(await readDemo(file)).toEqual({ ok: true, value: undefined })
    await writeDemo(file, demo as never)
    expect(await readDemo(file)).toEqual({ ok: true, value: demo })
    expect(await readdir(folder)).toEqual(['demo.json'])
  })

  it.each([
    ['no JSON', '{"organization":'],
    ['no object', 'null'],
    ['an id of another kind', JSON.stringify({ ...demo, organization: demo.ci.id })],
    ['no audience', JSON.stringify({ ...demo, audience: 'orders' })],
    ['an account without a name', JSON.stringify({ ...demo, ci: { id: demo.ci.id } })],
    ['a name that is no text', JSON.stringify({ ...demo, ci: { ...demo.ci, name: 1 } })],
  ])('is not taken with %s', async (_, text) => {
    await writeFile(file, text)
    expect(await readDemo(file)).toEqual({
      ok: false,
      refusal: { reason: 'demo_unusable', problem: `${file} cannot be read` },
    })
  })
})

import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyEncryptionKey, testKeyEncryptionKey } from '../support/house.ts'
import type { Answered } from './terminal.ts'
import { useTerminal } from './terminal.ts'

const terminal = useTerminal()
let folder: string
let organization: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-audit-'))
  const { run, json } = terminal()
  organization = (await json('organization create Acme')).id
  await run('organization create Other')
  await run('account create robot --organization Acme')
  await run('account create crawler --organization Acme')
  await run('account disable robot --organization Acme')
})
afterAll(async () => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

/** Alters an entry while a command runs. */
async function whileAltered<Value>(work: () => Promise<Value>): Promise<Value> {
  const { db } = terminal()
  const turn = sql`update audit_entry set kind = reverse(kind)
    where chain = ${organization} and sequence = 2`
  await turn.execute(db.management)
  try {
    return await work()
  } finally {
    await turn.execute(db.management)
  }
}

describe('countersign audit verify', () => {
  it('says that nothing is wrong, and how much it looked at', async () => {
    const { run, json } = terminal()
    const said = await run('audit verify')
    expect(said).toMatchObject({ code: 0, stderr: '' })
    expect(said.stdout).toMatch(/^\d+ entries of 3 chains verified: nothing is wrong\.\n$/)
    expect(await json('audit verify --organization Acme')).toEqual({
      chains: 1,
      entries: 3,
      broken_count: 0,
      broken: [],
    })
    expect(await json('audit verify --server')).toMatchObject({ chains: 1, broken_count: 0 })
  })

  it('names the first wrong entry of a chain and ends with 1', async () => {
    const { run } = terminal()
    const [text, json, other] = await whileAltered(async () => [
      await run('audit verify'),
      await run('audit verify --organization Acme --json'),
      await run('audit verify --organization Other'),
    ])
    expect(text.code).toBe(1)
    expect(text.stdout).toContain(
      `the chain of ${organization}: the row of entry 2 was altered: what it says of kind is not what the entry says\n`,
    )
    expect(text.stdout).toContain('1 chain broken.\n')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({
      broken_count: 1,
      broken: [{ chain: organization, sequence: 2, what: 'columns_differ', columns: ['kind'] }],
    })
    expect(other.code).toBe(0)
  })

  it('is not told of two chains at once', async () => {
    const said = await terminal().run('audit verify --organization Acme --server')
    expect(said).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('countersign audit checkpoint', () => {
  it('prints a line that verifies with saved keys, and with those of the database', async () => {
    const { run, json } = terminal()
    const said = await run('audit checkpoint')
    expect(said).toMatchObject({ code: 0, stderr: '' })
    expect(said.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    const { keys, chains } = await json('audit checkpoint')
    expect(chains).toBe(3)
    const saved = await file('saved.jws', said.stdout)
    const keyFile = await file('jwks.json', JSON.stringify({ keys }))
    expect(await run(`audit verify --checkpoint ${saved} --keys ${keyFile}`)).toMatchObject({
      code: 0,
    })
    expect(await run(`audit verify --checkpoint ${saved}`)).toMatchObject({ code: 0 })
  })

  it('betrays a tail that was cut off', async () => {
    const { run, db } = terminal()
    const saved = await file('before.jws', (await run('audit checkpoint')).stdout)
    const { rows } = await sql<{ sequence: number }>`
      select audit_sequence as sequence from server`.execute(db.management)
    const known = rows[0]?.sequence ?? 0
    await sql`create table cut as select * from audit_entry
      where chain = 'server' and sequence = ${known}`.execute(db.management)
    await sql`delete from audit_entry where chain = 'server' and sequence = ${known}`.execute(
      db.management,
    )
    await sql`update server set audit_sequence = ${known} - 1, audit_hash = (
      select hash from audit_entry where chain = 'server' and sequence = ${known} - 1)`.execute(
      db.management,
    )
    const [without, cut] = [
      await run('audit verify'),
      await run(`audit verify --checkpoint ${saved}`),
    ]
    await sql`insert into audit_entry select * from cut`.execute(db.management)
    await sql`update server set (audit_sequence, audit_hash) = (select sequence, hash from cut)`.execute(
      db.management,
    )
    expect(without.code).toBe(0)
    expect(cut.code).toBe(1)
    expect(cut.stdout).toContain(
      `the chain of the server: entry ${known} is missing, and all after it: the checkpoint knew ${known} entries\n`,
    )
    expect(await run(`audit verify --checkpoint ${saved}`)).toMatchObject({ code: 0 })
  })

  it('says which file is of no use, and why', async () => {
    const { run } = terminal()
    const token = (await run('audit checkpoint')).stdout
    const saved = await file('good.jws', token)
    const [head = '', claims = '', signature = ''] = token.split('.')
    const bad = await file('bad.jws', [head, claims.replace('e', 'f'), signature].join('.'))
    const empty = await file('empty.json', '{"keys":[]}')
    const cases = [
      [`--checkpoint ${join(folder, 'nowhere')}`, 'nowhere cannot be used: ENOENT'],
      [`--checkpoint ${bad}`, 'bad.jws is no good checkpoint: signature verification failed'],
      [`--checkpoint ${saved} --keys ${empty}`, 'good.jws is no good checkpoint: none of the keys'],
      [`--checkpoint ${saved} --keys ${bad}`, 'bad.jws cannot be used: it holds no JSON Web Key'],
    ]
    for (const [options, why] of cases) {
      const said = await run(`audit verify ${options}`)
      expect(said).toMatchObject({ code: 1, stdout: '' })
      expect(said.stderr).toContain(why)
    }
  })

  it('is refused where the key-encryption key is another', async () => {
    const { run, hold } = terminal()
    const saved = await file('own.jws', (await run('audit checkpoint')).stdout)
    hold(keyEncryptionKey('ab'.repeat(32)))
    const [made, verified] = [
      await run('audit checkpoint'),
      await run(`audit verify --checkpoint ${saved}`),
    ]
    hold(testKeyEncryptionKey)
    expect(made).toMatchObject({ code: 1, stdout: '' })
    expect(made.stderr).toContain('this process cannot open it')
    expect(verified).toMatchObject({ code: 1, stdout: '' })
  })
})

async function lines(options: string): Promise<readonly { text: string; line: Answered }[]> {
  const said = await terminal().run(`audit export ${options}`)
  expect(said).toMatchObject({ code: 0, stderr: '' })
  const texts = said.stdout.split('\n').slice(0, -1)
  return texts.map((text) => ({ text, line: JSON.parse(text) }))
}

async function kinds(options: string): Promise<readonly string[]> {
  return (await lines(options)).map(({ line }) => line.entry.kind)
}

describe('countersign audit export', () => {
  it('prints what was hashed, to the byte', async () => {
    let previous: Buffer = Buffer.alloc(32)
    const found = await lines('--organization Acme')
    expect(found).toHaveLength(3)
    for (const { text, line } of found) {
      const bytes = /^\{"entry":(.*),"hash":"[0-9a-f]{64}"\}$/.exec(text)?.[1] ?? ''
      previous = createHash('sha256').update(previous).update(bytes).digest()
      expect(line.hash).toBe(previous.toString('hex'))
    }
  })

  it.each(['list', 'export'])('is refused by %s from a moment ahead', async (verb) => {
    const line = `audit ${verb} --organization Acme --from 2031-01-31`
    const { code, stdout, stderr } = await terminal().run(line)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('countersign: --from must be a date that has been (')
  })

  it('takes every chain, or what fits', async () => {
    const [robot] = await lines('--organization Acme')
    const created = 'service_account.created'
    expect(await kinds('--organization Acme')).toEqual([
      created,
      created,
      'service_account.disabled',
    ])
    expect(await kinds(`--organization Acme --kind ${created}`)).toEqual([created, created])
    expect(await kinds(`--target ${robot?.line.entry.target.id}`)).toEqual([
      created,
      'service_account.disabled',
    ])
    const actor = robot?.line.entry.actor.id
    expect(await kinds(`--organization Acme --actor ${actor}`)).toHaveLength(3)
    expect(await kinds('--organization Acme --actor nobody')).toEqual([])
    const now = new Date(terminal().clock.now() * 1000).toISOString()
    expect(await kinds(`--organization Acme --from ${now}`)).toHaveLength(3)
    expect(await kinds(`--organization Acme --to ${now}`)).toEqual([])
    // A time is one before now, a date may be ahead for --to.
    expect(await kinds('--organization Acme --from 1h')).toHaveLength(3)
    expect(await kinds('--organization Acme --to 1s')).toEqual([])
    expect(await kinds('--organization Acme --to 2031-01-31')).toHaveLength(3)
    const chains = new Set((await lines('')).map(({ line }) => line.entry.chain))
    expect(chains).toEqual(new Set(['server', organization]))
  })
})

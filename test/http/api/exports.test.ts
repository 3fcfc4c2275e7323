import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { exportsOpenMax } from '../../../src/http/api/edge/exports.ts'
import type { Incoming } from '../../../src/http/edge.ts'
import type { SignedInMember } from '../../support/api.ts'
import { answered, signedInHeaders, useApi } from '../../support/api.ts'

const api = useApi()
const patience = { timeout: 5000 }

/** An export through the door of the house, of which nothing is read before the test does. */
async function open({ token, organization }: SignedInMember, method = 'GET', chain?: 'server') {
  const place = chain === 'server' ? '' : `/organizations/${organization}`
  const url = `/api/v1${place}/audit-entries`
  const headers = { ...signedInHeaders(api(), token), accept: 'application/jsonl' }
  const incoming = { url, headers, socket: { remoteAddress: '192.0.2.1', destroy: () => {} } }
  return api().house.rooms.fetch(new Request(`${api().issuer}${url}`, { method, headers }), {
    incoming: incoming as unknown as Incoming,
  })
}

/** As many as may be open. */
async function openAll(owner: SignedInMember, chain?: 'server'): Promise<Response[]> {
  const opened = []
  for (let each = 0; each < exportsOpenMax; each += 1) opened.push(await open(owner, 'GET', chain))
  expect(opened.map(({ status }) => status)).toEqual(opened.map(() => 200))
  return opened
}

async function leave(answers: readonly Response[]): Promise<void> {
  for (const { body } of answers) await body?.cancel()
}

describe('exports of an audit trail that nobody reads', () => {
  it('are a few at a time, and keep nobody else from theirs', async () => {
    const [owner, other] = [await api().owned(), await api().owned()]
    const operator = await api().member(owner.organization, ['Owner'], true)
    const unread = [...(await openAll(owner)), ...(await openAll(operator, 'server'))]
    for (const chain of [undefined, 'server'] as const) {
      const { status, headers, body } = await answered(await open(operator, 'GET', chain))
      expect([status, body.code, headers.get('retry-after')]).toEqual([
        429,
        'exports_too_many',
        '10',
      ])
    }
    const page = await owner.call('GET', `/organizations/${owner.organization}/audit-entries`)
    expect(page.status).toBe(200)
    const theirs = await open(other)
    expect(theirs.status).toBe(200)
    await leave([...unread, theirs])
  })

  it('make room when they are left, before or after something was read', async () => {
    const owner = await api().owned()
    const opened = await openAll(owner)
    await leave(opened.slice(0, 1))
    const next = await open(owner)
    expect(next.status).toBe(200)
    for (const { body } of opened.slice(1)) {
      const reader = body?.getReader()
      await reader?.read()
      expect((await open(owner)).status).toBe(429)
      await reader?.cancel()
      opened.push(await open(owner))
    }
    await leave([next, ...opened.slice(exportsOpenMax)])
    await leave(await openAll(owner))
  })

  it('make room when they were read to the end, and once for each', async () => {
    const owner = await api().owned()
    for (const answer of await openAll(owner)) await answer.text()
    const opened = await openAll(owner)
    expect((await open(owner)).status).toBe(429)
    await leave(opened)
  })

  it('take no room for HEAD, which has nothing to read', async () => {
    const owner = await api().owned()
    for (let each = 0; each <= exportsOpenMax; each += 1) {
      expect((await open(owner, 'HEAD')).status).toBe(200)
    }
  })

  it('make room when they fail, before the answer begins or on the way', async () => {
    const owner = await api().owned()
    const { organization } = owner
    const db = api().db.management
    await sql`insert into audit_entry
        (chain, sequence, at, kind, actor_id, target_id, trace_id, entry, hash)
      select ${organization}, 1000 + n, now(), 'x.y', 'a', 't', 'r', 'x', sha256(n::text::bytea)
      from generate_series(1, 200) as n`.execute(db)
    const begun = await openAll(owner)
    await sql`alter table audit_entry rename to lost`.execute(db)
    try {
      for (const { body } of begun) {
        const reader = body?.getReader()
        await reader?.read()
        // Whoever reads on waits for what never comes: the connection was cut.
        void reader?.read().catch(() => undefined)
      }
      for (let each = 0; each <= exportsOpenMax; each += 1) {
        await expect.poll(async () => (await open(owner)).status, patience).toBe(500)
      }
    } finally {
      await sql`alter table lost rename to audit_entry`.execute(db)
    }
    await leave(await openAll(owner))
  })

  it('make room when whoever asked has gone', async () => {
    const owner = await api().owned()
    const { organization } = owner
    await sql`insert into audit_entry
        (chain, sequence, at, kind, actor_id, target_id, trace_id, entry, hash)
      select ${organization}, 1000 + n, now(), 'x.y', 'a', 't', 'r',
        convert_to(repeat('x', 20000), 'UTF8'), sha256(n::text::bytea)
      from generate_series(1, 2000) as n`.execute(api().db.management)
    const url = `${api().issuer}/api/v1/organizations/${organization}/audit-entries`
    const headers = { ...signedInHeaders(api(), owner.token), accept: 'application/jsonl' }
    const going = new AbortController()
    const get = async () => fetch(url, { headers, signal: going.signal })
    const unread = []
    for (let each = 0; each <= exportsOpenMax; each += 1) unread.push(await get())
    expect(unread.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429])
    going.abort()
    await expect
      .poll(async () => {
        const { status, body } = await open(owner)
        await body?.cancel()
        return status
      }, patience)
      .toBe(200)
  })
})

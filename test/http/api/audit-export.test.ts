import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { OrganizationId } from '../../../src/domain/id.ts'
import type { SessionToken } from '../../../src/domain/session.ts'
import { entryLine, exportAuditEntries } from '../../../src/management/audit-trail.ts'
import type { Caller } from '../../api/call.ts'
import { answered, signedInHeaders, useApi } from '../../support/api.ts'

const api = useApi()

/** What `countersign audit export` prints of a chain. */
async function printed(chain: OrganizationId | 'server'): Promise<string> {
  const lines: string[] = []
  for await (const entries of exportAuditEntries(api(), chain, {})) {
    lines.push(...entries.map((entry) => `${entryLine(entry)}\n`))
  }
  return lines.join('')
}

const asLines = { accept: 'application/jsonl' }

/** A call with these headers, of which the first say who calls. */
async function get(path: string, caller: Caller, headers: Caller = asLines): Promise<Response> {
  return fetch(`${api().issuer}/api/v1${path}`, { headers: { ...caller, ...headers } })
}

describe('an export of the audit trail over HTTP', () => {
  it('is every line that the command line prints, over many pages', async () => {
    const { organization } = await api().owned()
    const { accessToken } = await api().account(organization, ['Viewer'])
    await sql`insert into audit_entry
        (chain, sequence, at, kind, actor_id, target_id, trace_id, entry, hash)
      select ${organization}, 1000 + n, now(), 'x.y', 'a', 't', 'r',
        convert_to('{"sequence":' || n || '}', 'UTF8'), sha256(n::text::bytea)
      from generate_series(1, 1050) as n`.execute(api().db.management)
    const answer = await get(`/organizations/${organization}/audit-entries`, {
      authorization: `Bearer ${accessToken}`,
    })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/jsonl',
      vary: 'accept',
      'cache-control': 'no-store',
      'trace-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    const text = await answer.text()
    expect(text).toBe(await printed(organization))
    expect(text.split('\n').length - 1).toBeGreaterThan(1050)
  })

  it('is to the byte what was hashed: whoever has the lines can recompute the chain', async () => {
    const owner = await api().owned()
    const path = `/organizations/${owner.organization}`
    await owner.call('POST', `${path}/service-accounts`, { name: 'Zoë “robot”' })
    const caller = signedInHeaders(api(), owner.token)
    const lines = (await (await get(`${path}/audit-entries`, caller)).text()).trimEnd().split('\n')
    let hash = Buffer.alloc(32)
    for (const line of lines) {
      const [, entry = '', told] = /^\{"entry":(.*),"hash":"([0-9a-f]{64})"\}$/.exec(line) ?? []
      hash = createHash('sha256').update(hash).update(entry).digest()
      expect(hash.toString('hex')).toBe(told)
    }
    expect(lines.at(-1)).toContain('Zoë “robot”')
    const page = await owner.call('GET', `${path}/audit-entries`)
    expect(lines.map((line) => JSON.parse(line))).toEqual(page.body.items)
  })

  it('takes the filters of the list, and no page', async () => {
    const owner = await api().owned()
    const path = `/organizations/${owner.organization}/audit-entries`
    await owner.call('POST', `/organizations/${owner.organization}/service-accounts`, { name: 'a' })
    const caller = signedInHeaders(api(), owner.token)
    const filtered = await get(`${path}?kind=service_account.created`, caller)
    expect(JSON.parse(await filtered.text()).entry.target.name).toBe('a')
    expect(await (await get(`${path}?kind=none.such`, caller)).text()).toBe('')
    for (const parameter of ['limit=2', 'cursor=x', 'sequence=1']) {
      const answer = await get(`${path}?${parameter}`, caller)
      expect(await answered(answer)).toMatchObject({
        status: 400,
        body: { code: 'request_malformed' },
      })
    }
  })

  it('is for those who may read the list, in the forms that there are', async () => {
    const owner = await api().owned()
    const outsider = await api().member(owner.organization, [])
    const operator = await api().member(owner.organization, [], true)
    const path = `/organizations/${owner.organization}/audit-entries`
    const of = ({ token }: { readonly token: SessionToken }) => signedInHeaders(api(), token)
    expect((await get(path, of(outsider))).status).toBe(403)
    expect((await get(path, {})).status).toBe(401)
    expect((await get('/audit-entries', of(owner))).status).toBe(403)
    expect(await (await get('/audit-entries', of(operator))).text()).toBe(await printed('server'))
    const other = await get(path, of(owner), { accept: 'text/csv' })
    expect([other.status, other.headers.get('vary')]).toEqual([406, 'accept'])
    expect(await other.json()).toMatchObject({
      code: 'not_acceptable',
      media_types: ['application/json', 'application/jsonl'],
    })
    expect((await get(path, of(outsider), { accept: 'text/csv' })).status).toBe(403)
    const head = await fetch(`${api().issuer}/api/v1${path}`, {
      method: 'HEAD',
      headers: { ...of(owner), ...asLines },
    })
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/jsonl'])
  })

  it('ends where the chain ended when it began, however much is written meanwhile', async () => {
    const owner = await api().owned()
    const path = `/organizations/${owner.organization}/service-accounts`
    await owner.call('POST', path, { name: 'before' })
    const pages = exportAuditEntries(api(), owner.organization, {}, 1)
    const [last] = (await printed(owner.organization)).trimEnd().split('\n').slice(-1)
    let read = ''
    for await (const [entry] of pages) {
      await owner.call('POST', path, { name: `after ${read.length}` })
      read = entry === undefined ? '' : entryLine(entry)
    }
    expect(read).toBe(last)
  })

  it('breaks off if the database goes on the way, and the operator is told', async () => {
    const owner = await api().owned()
    const path = `/organizations/${owner.organization}/audit-entries`
    const db = api().db.management
    await sql`insert into audit_entry
        (chain, sequence, at, kind, actor_id, target_id, trace_id, entry, hash)
      select ${owner.organization}, 1000 + n, now(), 'x.y', 'a', 't', 'r',
        convert_to(repeat('x', 20000), 'UTF8'), sha256(n::text::bytea)
      from generate_series(1, 2000) as n`.execute(db)
    const answer = await get(path, signedInHeaders(api(), owner.token))
    await sql`alter table audit_entry rename to lost`.execute(db)
    try {
      await expect(answer.text()).rejects.toThrow(TypeError)
    } finally {
      await sql`alter table lost rename to audit_entry`.execute(db)
    }
    const traceId = answer.headers.get('trace-id')
    expect(api().events.filter(({ kind }) => kind === 'request_failed')).toMatchObject([
      { path: `/api/v1${path}`, status: 500, caller: { traceId } },
    ])
  })

  it('is refused like any call if the database is gone before it begins', async () => {
    const owner = await api().owned()
    const caller = signedInHeaders(api(), owner.token)
    await sql`alter table audit_entry rename to lost`.execute(api().db.management)
    try {
      const answer = await get(`/organizations/${owner.organization}/audit-entries`, caller)
      expect(await answered(answer)).toMatchObject({ status: 500, body: { code: 'server_error' } })
    } finally {
      await sql`alter table lost rename to audit_entry`.execute(api().db.management)
    }
  })
})

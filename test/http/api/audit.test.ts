import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../../src/crypto/audit-checkpoints.ts'
import { isoText, later, seconds } from '../../../src/domain/time.ts'
import { refusalRecords } from '../../../src/jobs/refusal-records.ts'
import { useApi } from '../../support/api.ts'
import { requestToken } from '../../support/fixtures.ts'

const api = useApi()

/** Writes down what the server has told of since then, as it does every few seconds by itself too. */
async function writeRefusals(from: number): Promise<void> {
  const { db, clock, events } = api()
  const records = refusalRecords({ db, clock, events: { record: () => undefined } })
  for (const event of events.slice(from)) records.events.record(event)
  await records.flush()
}

describe('the audit trail over HTTP', () => {
  it('lists what was done in an organization, in its order and in pages', async () => {
    const owner = await api().owned()
    const path = `/organizations/${owner.organization}`
    for (const name of ['a', 'b', 'c']) {
      await owner.call('POST', `${path}/service-accounts`, { name })
    }
    const kind = 'kind=service_account.created'
    const first = await owner.call('GET', `${path}/audit-entries?${kind}&limit=2`)
    expect(first.status).toBe(200)
    expect(first.body.items).toMatchObject([
      {
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        entry: {
          chain: owner.organization,
          kind: 'service_account.created',
          actor: { type: 'member', id: owner.id, session: expect.stringMatching(/^ses_/) },
          target: { type: 'service_account', name: 'a' },
          network: expect.stringMatching(/^(?:127\.0\.0\.1|::1)$/),
        },
      },
      { entry: { target: { name: 'b' } } },
    ])
    const cursor = encodeURIComponent(first.body.next_cursor)
    const rest = await owner.call('GET', `${path}/audit-entries?${kind}&limit=2&cursor=${cursor}`)
    expect(rest.body).toMatchObject({
      items: [{ entry: { target: { name: 'c' } } }],
      next_cursor: null,
    })
    const other = await owner.call('GET', `${path}/audit-entries?limit=2&cursor=${cursor}`)
    expect([other.status, other.body.places[0].at]).toEqual([400, 'cursor'])
  })

  it('filters by who, what and when', async () => {
    const owner = await api().owned()
    const path = `/organizations/${owner.organization}`
    const { body } = await owner.call('POST', `${path}/service-accounts`, { name: 'a' })
    await owner.call('PATCH', `${path}/service-accounts/${body.id}`, { description: 'x' })
    const kinds = async (filter: string) => {
      const answer = await owner.call('GET', `${path}/audit-entries?${filter}`)
      return answer.body.items.map(
        (one: { readonly entry: { readonly kind: string } }) => one.entry.kind,
      )
    }
    const both = ['service_account.created', 'service_account.changed']
    expect(await kinds(`target_id=${body.id}`)).toEqual(both)
    expect(await kinds(`actor_id=${owner.id}`)).toEqual(both)
    expect(await kinds(`actor_id=${owner.id}&kind=${both[1]}`)).toEqual([both[1]])
    const now = api().clock.now()
    expect(await kinds(`target_id=${body.id}&from=${isoText(now)}`)).toEqual(both)
    expect(await kinds(`target_id=${body.id}&to=${isoText(now)}`)).toEqual([])
    const soon = isoText(later(now, seconds(1)))
    expect(await kinds(`target_id=${body.id}&from=${soon}`)).toEqual([])
    for (const wrong of ['from=today', 'kind=x', 'actor_id=%20', 'sequence=1']) {
      const answer = await owner.call('GET', `${path}/audit-entries?${wrong}`)
      expect([answer.status, answer.body.code]).toEqual([400, 'request_malformed'])
    }
  })

  it('shows the others when one entry is damaged', async () => {
    const owner = await api().owned()
    const path = `/organizations/${owner.organization}`
    await owner.call('POST', `${path}/service-accounts`, { name: 'a' })
    await sql`update audit_entry set entry = '\\xff'::bytea
      where chain = ${owner.organization} and sequence = 1`.execute(api().db.management)
    const { status, body } = await owner.call('GET', `${path}/audit-entries`)
    expect([status, body.items[0].entry]).toEqual([200, null])
    expect(body.items.at(-1).entry.target.name).toBe('a')
  })

  it('is shown to who may read it, and the chain of the server to operators', async () => {
    const owner = await api().owned()
    const outsider = await api().member(owner.organization, [])
    const operator = await api().member(owner.organization, [], true)
    const path = `/organizations/${owner.organization}/audit-entries`
    expect((await outsider.call('GET', path)).status).toBe(403)
    expect((await api().nobody('GET', path)).status).toBe(401)
    expect((await owner.call('GET', '/audit-entries')).body.code).toBe('operator_needed')
    const answer = await operator.call('GET', '/audit-entries?kind=signing_key.created')
    expect(answer.status).toBe(200)
    expect(answer.body.items[0].entry).toMatchObject({ chain: 'server', actor: { type: 'server' } })
  })

  it('is signed for operators, and for nobody else', async () => {
    const owner = await api().owned()
    const operator = await api().member(owner.organization, ['Owner'], true)
    const made = await operator.call('POST', '/audit-checkpoints')
    expect(made.status).toBe(200)
    const { checkpoint, keys, issued_at: issuedAt } = made.body
    const read = await readCheckpoint(checkpoint, { keys })
    expect(read).toMatchObject({ ok: true, value: { issuer: api().issuer } })
    expect(issuedAt).toBe(isoText(api().clock.now()))
    const robot = await api().account(owner.organization, ['Owner'])
    for (const { call } of [owner, robot]) {
      expect((await call('POST', '/audit-checkpoints')).body.code).toBe('operator_needed')
    }
  })
})

describe('what was refused, over HTTP', () => {
  it('is found by the account and by the trace id', async () => {
    const owner = await api().owned()
    const operator = await api().member(owner.organization, [], true)
    const other = await api().account(owner.organization, ['Viewer'])
    const robot = await api().account(owner.organization, ['Viewer'])
    const from = api().events.length
    const refused = await requestToken(api(), { id: robot.id, secret: other.secret })
    expect(refused.status).toBe(401)
    await writeRefusals(from)
    const path = `/organizations/${owner.organization}/service-accounts/${robot.id}/refusals`
    const ofAccount = await owner.call('GET', path)
    expect(ofAccount.body).toMatchObject({
      items: [{ client_id: robot.id, reason: 'credential_unknown' }],
      next_cursor: null,
    })
    const [traceId] = ofAccount.body.items[0].trace_ids
    expect(refused.headers.get('trace-id')).toBe(traceId)
    const byTrace = await operator.call('GET', `/refusals?trace_id=${traceId}`)
    expect(byTrace.body).toEqual(ofAccount.body)
    expect((await owner.call('GET', `/refusals?trace_id=${traceId}`)).status).toBe(403)
    expect((await operator.call('GET', '/refusals')).status).toBe(400)
    const stranger = await api().owned()
    const theirs = `/organizations/${stranger.organization}/service-accounts/${robot.id}/refusals`
    expect((await stranger.call('GET', theirs)).body.code).toBe('service_account_unknown')
  })

  it('names the denied calls of an organization to those who may read them', async () => {
    const owner = await api().owned()
    const stranger = await api().owned()
    const viewer = await api().member(owner.organization, ['Viewer'])
    const accounts = `/organizations/${owner.organization}/service-accounts`
    const from = api().events.length
    expect((await viewer.call('POST', accounts, { name: 'x' })).status).toBe(403)
    expect((await stranger.call('GET', accounts)).status).toBe(404)
    await writeRefusals(from)
    const denied = await owner.call('GET', `/organizations/${owner.organization}/denied-calls`)
    for (const item of denied.body.items) {
      expect(item).toMatchObject({
        operation: 'createServiceAccount',
        reason: 'permission_missing',
        organization_id: owner.organization,
        actor: { type: 'member', id: viewer.id },
        client_id: null,
      })
    }
    expect(denied.body.items).not.toEqual([])
    const pages = await owner.call(
      'GET',
      `/organizations/${owner.organization}/denied-calls?limit=1`,
    )
    expect(pages.body.items).toEqual(denied.body.items.slice(0, 1))
    const operator = await api().member(owner.organization, [], true)
    const ofPersons = await operator.call('GET', '/denied-calls')
    expect(ofPersons.body.items).toContainEqual(
      expect.objectContaining({
        operation: 'listServiceAccounts',
        reason: 'organization_unknown',
        organization_id: owner.organization,
        actor: { type: 'person', id: stranger.person, name: stranger.name },
      }),
    )
    expect((await owner.call('GET', '/denied-calls')).status).toBe(403)
  })
})

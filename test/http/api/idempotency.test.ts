import { describe, expect, it } from 'vitest'
import { forgetOld } from '../../../src/jobs/retention.ts'
import { later, seconds } from '../../../src/domain/time.ts'
import type { SignedInMember } from '../../support/api.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()
const accountsOf = ({ organization }: SignedInMember) =>
  `/organizations/${organization}/service-accounts`
const under = (key: string) => ({ 'idempotency-key': key })

describe('a creation with an Idempotency-Key', () => {
  it('is done once however often it is asked for, twenty times at once too', async () => {
    const owner = await api().owned()
    const create = async () =>
      owner.call('POST', accountsOf(owner), { name: 'ci' }, under('6f9b2c'))
    const answers = await Promise.all(Array.from({ length: 20 }, create))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    const replayed = answers.map(({ headers }) => headers.get('idempotency-replayed'))
    expect(replayed.filter((header) => header === null)).toHaveLength(1)
    expect(replayed.filter((header) => header === 'true')).toHaveLength(19)
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1)
    expect((await owner.call('GET', accountsOf(owner))).body.items).toHaveLength(1)
  })

  it('shows what was made as it is by now', async () => {
    const owner = await api().owned()
    const create = async () => owner.call('POST', accountsOf(owner), { name: 'ci' }, under('k'))
    const { body } = await create()
    await owner.call('PATCH', `${accountsOf(owner)}/${body.id}`, { name: 'renamed' })
    const again = await create()
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([
      201,
      { ...body, name: 'renamed' },
      '"2"',
    ])
    await owner.call('DELETE', `${accountsOf(owner)}/${body.id}`)
    const gone = await create()
    expect([gone.status, gone.body.code]).toEqual([404, 'service_account_unknown'])
  })

  it('takes the key for one request, of one caller, in one organization', async () => {
    const owner = await api().owned()
    await owner.call('POST', accountsOf(owner), { name: 'ci' }, under('k'))
    const reused = await owner.call('POST', accountsOf(owner), { name: 'other' }, under('k'))
    expect([reused.status, reused.body.code]).toEqual([422, 'idempotency_key_reused'])
    const colleague = await api().member(owner.organization, ['Owner'])
    const theirs = await colleague.call('POST', accountsOf(owner), { name: 'other' }, under('k'))
    expect([theirs.status, theirs.body.name]).toEqual([201, 'other'])
    const elsewhere = await api().owned()
    const there = await elsewhere.call('POST', accountsOf(elsewhere), { name: 'ci' }, under('k'))
    expect(there.headers.get('idempotency-replayed')).toBeNull()
  })

  it('that was refused was not done, and may be asked for again', async () => {
    const owner = await api().owned()
    const first = await owner.call('POST', accountsOf(owner), { name: 'ci' })
    const create = async () => owner.call('POST', accountsOf(owner), { name: 'ci' }, under('k'))
    expect((await create()).status).toBe(409)
    await owner.call('DELETE', `${accountsOf(owner)}/${first.body.id}`)
    const made = await create()
    expect([made.status, made.headers.get('idempotency-replayed')]).toEqual([201, null])
  })

  it('needs the permission each time', async () => {
    const owner = await api().owned()
    const account = await api().account(owner.organization, ['Owner'])
    const create = async () => account.call('POST', accountsOf(owner), { name: 'ci' }, under('k'))
    expect((await create()).status).toBe(201)
    const bindings = `/organizations/${owner.organization}/bindings`
    const { body } = await owner.call('GET', `${bindings}?principal_id=${account.id}`)
    await owner.call('DELETE', `${bindings}/${body.items[0].id}`)
    const again = await create()
    expect([again.status, again.body.code]).toEqual([403, 'permission_missing'])
  })

  it('is remembered for a day', async () => {
    const owner = await api().owned()
    // Not by the session, which ends sooner.
    const { call } = await api().account(owner.organization, ['Owner'])
    const create = async () => call('POST', accountsOf(owner), { name: 'ci' }, under('k'))
    await create()
    const { db, clock, events } = api()
    const day = 24 * 60 * 60
    const forget = async (after: number) =>
      forgetOld({
        db,
        clock: { now: () => later(clock.now(), seconds(after)) },
        events: { record: () => undefined },
      })
    await forget(day)
    expect((await create()).headers.get('idempotency-replayed')).toBe('true')
    await forget(day + 1)
    expect((await create()).status).toBe(409)
    expect(events.some(({ kind }) => kind === 'retention_failed')).toBe(false)
  })

  it.each(['', ' ', 'two words', 'ü', 'x'.repeat(256)])('refuses the key %j', async (key) => {
    const owner = await api().owned()
    const answer = await owner.call('POST', accountsOf(owner), { name: 'ci' }, under(key))
    expect([answer.status, answer.body.places[0].at]).toEqual([400, 'Idempotency-Key'])
  })
})

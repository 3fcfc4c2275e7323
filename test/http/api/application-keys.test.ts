import { describe, expect, it } from 'vitest'
import type { ApplicationKeyId } from '../../../src/domain/id.ts'
import type { ClientSecret } from '../../../src/domain/secret.ts'
import type { SignedInMember } from '../../support/api.ts'
import { useApi } from '../../support/api.ts'
import { fetchToken } from '../../support/fixtures.ts'

const api = useApi()
const keysOf = ({ organization }: Pick<SignedInMember, 'organization'>) =>
  `/organizations/${organization}/application-keys`

type Made = { readonly id: ApplicationKeyId; readonly client_secret: ClientSecret }

/** What a program does with a key of a member. */
async function programOf({ id, client_secret: secret }: Made) {
  await api().caughtUp()
  const token = await fetchToken(api(), { id, secret }, { resource: `${api().issuer}/api` })
  return api().caller({ authorization: `Bearer ${token}` })
}

describe('an application key', () => {
  it('is made with its secret, which is shown once and works', async () => {
    const owner = await api().owned()
    const made = await owner.call('POST', keysOf(owner), {
      description: 'laptop',
      expires_at: '2099-01-01T00:00:00Z',
    })
    expect(made.status).toBe(201)
    const { client_secret: secret, client_secret_expires_at: ends, ...rest } = made.body
    expect([secret, ends]).toEqual([expect.stringMatching(/^csk_/), 4_070_908_800])
    expect([made.headers.get('location'), made.headers.get('etag')]).toEqual([
      `${api().issuer}/api/v1${keysOf(owner)}/${rest.id}`,
      '"1"',
    ])
    const shown = await owner.call('GET', `${keysOf(owner)}/${rest.id}`)
    expect([shown.status, shown.body]).toEqual([200, rest])
    const program = await programOf(made.body)
    expect((await program('GET', '/me')).body).toMatchObject({
      id: owner.id,
      memberships: [{ organization_id: owner.organization, member_id: owner.id }],
    })
  })

  it('is changed, replaced and removed by its member', async () => {
    const owner = await api().owned()
    const { body: made } = await owner.call('POST', keysOf(owner), { description: 'laptop' })
    const item = `${keysOf(owner)}/${made.id}`
    const patched = await owner.call('PATCH', item, { enabled: false }, { 'if-match': '"1"' })
    expect([patched.status, patched.body.enabled, patched.body.description]).toEqual([
      200,
      false,
      'laptop',
    ])
    const late = await owner.call('PATCH', item, { enabled: true }, { 'if-match': '"1"' })
    expect([late.status, late.body.code]).toEqual([412, 'version_mismatched'])
    const replaced = await owner.call('PUT', item, { description: 'desk' })
    expect([replaced.body.description, replaced.body.enabled]).toEqual(['desk', true])
    const past = await owner.call('PATCH', item, { expires_at: '2001-01-01T00:00:00Z' })
    expect([past.status, past.body.code]).toEqual([422, 'expiry_past'])
    const statuses = [await owner.call('DELETE', item), await owner.call('DELETE', item)]
    expect(statuses.map(({ status }) => status)).toEqual([204, 404])
  })

  it('is listed to its member alone, the oldest first', async () => {
    const owner = await api().owned()
    const member = await api().member(owner.organization)
    const made = []
    for (const description of ['first', 'second']) {
      const { body } = await member.call('POST', keysOf(member), { description })
      made.push((await member.call('GET', `${keysOf(member)}/${body.id}`)).body)
    }
    const account = await api().account(owner.organization, ['Owner'])
    const listed = await member.call('GET', keysOf(member))
    expect(listed.body).toEqual({
      items: made,
      next_cursor: null,
    })
    const item = `${keysOf(owner)}/${made[0].id}`
    for (const other of [owner, account]) {
      expect((await other.call('GET', keysOf(owner))).body.items).toEqual([])
      const shown = await other.call('GET', item)
      expect([shown.status, shown.body.code]).toEqual([404, 'application_key_unknown'])
    }
    for (const [method, body] of [['PATCH', {}], ['PUT', {}], ['DELETE']] as const) {
      expect((await owner.call(method, item, body)).status).toBe(404)
    }
  })

  it('takes the session of a member: no account, no token and no stranger makes one', async () => {
    const owner = await api().owned()
    const account = await api().account(owner.organization, ['Owner'])
    const refused = await account.call('POST', keysOf(owner), {})
    expect([refused.status, refused.body.code]).toEqual([403, 'session_needed'])
    const elsewhere = await api().owned()
    const operator = await api().member(elsewhere.organization, [], true)
    for (const stranger of [elsewhere, operator]) {
      const answer = await stranger.call('POST', keysOf(owner), {})
      expect([answer.status, answer.body.code]).toEqual([404, 'organization_unknown'])
    }
  })

  it('lets a program look at the keys of its member, and change none', async () => {
    const owner = await api().owned()
    const { body: made } = await owner.call('POST', keysOf(owner), {})
    const program = await programOf(made)
    const item = `${keysOf(owner)}/${made.id}`
    expect((await program('GET', keysOf(owner))).body.items).toHaveLength(1)
    expect((await program('GET', item)).status).toBe(200)
    const tried = [
      await program('POST', keysOf(owner), {}),
      await program('PATCH', item, { expires_at: null }),
      await program('PUT', item, {}),
      await program('DELETE', item),
    ]
    expect(tried.map(({ status, body }) => [status, body.code])).toEqual(
      tried.map(() => [403, 'session_needed']),
    )
  })

  it('is one of at most ten of a member', async () => {
    const owner = await api().owned()
    for (let made = 0; made < 10; made += 1) await owner.call('POST', keysOf(owner), {})
    const refused = await owner.call('POST', keysOf(owner), {})
    expect([refused.status, refused.body.code]).toEqual([422, 'application_keys_too_many'])
  })
})

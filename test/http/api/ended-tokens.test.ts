import { describe, expect, it } from 'vitest'
import { isoText, later, seconds } from '../../../src/domain/time.ts'
import { apiRoutes } from '../../../src/http/api/routes.ts'
import { changeOrganization } from '../../../src/management/organizations.ts'
import type { Call, SignedInMember } from '../../support/api.ts'
import { useApi } from '../../support/api.ts'
import { fetchToken } from '../../support/fixtures.ts'
import { accepted } from '../../support/operator.ts'

// A token for the management API ends with whoever has it and with what they got it with, and at every
// route at once.

const api = useApi()

/** By a token, and where its holder and what got it are found. */
type Holder = { readonly call: Call; readonly self: string; readonly key: string }

async function account(owner: SignedInMember): Promise<Holder> {
  const { id, call } = await api().account(owner.organization, ['Owner'])
  const self = `/organizations/${owner.organization}/service-accounts/${id}`
  const { body } = await owner.call('GET', `${self}/credentials`)
  return { call, self, key: `${self}/credentials/${body.items[0].id}` }
}

async function member({ organization }: SignedInMember) {
  const { id, call: bySession } = await api().member(organization, ['Owner'])
  const keys = `/organizations/${organization}/application-keys`
  const { body } = await bySession('POST', keys, { description: 'a program' })
  await api().caughtUp()
  const client = { id: body.id, secret: body.client_secret }
  const token = await fetchToken(api(), client, { resource: `${api().issuer}/api` })
  const call = api().caller({ authorization: `Bearer ${token}` })
  const self = `/organizations/${organization}/members/${id}`
  return { call, bySession, self, key: `${keys}/${body.id}` }
}

async function expectEnded({ call, self, key }: Holder): Promise<void> {
  for (const path of ['/me', '/organizations', self, key]) {
    const { status, body, headers } = await call('GET', path)
    expect([path, status, body.code]).toEqual([path, 401, 'token_invalid'])
    expect(headers.get('www-authenticate')).toMatch(/error="invalid_token"/)
  }
}

describe('a token for the management API', () => {
  it('of an account ends with its credential, and with the account', async () => {
    const owner = await api().owned()
    for (const what of ['key', 'self'] as const) {
      for (const change of [{ enabled: false }, undefined]) {
        const holder = await account(owner)
        expect((await holder.call('GET', holder.self)).status).toBe(200)
        const method = change === undefined ? 'DELETE' : 'PATCH'
        expect((await owner.call(method, holder[what], change)).status).toBeLessThan(300)
        await expectEnded(holder)
      }
      const holder = await account(owner)
      const end = { expires_at: isoText(later(api().clock.now(), seconds(60))) }
      expect((await owner.call('PATCH', holder[what], end)).status).toBe(200)
      expect((await holder.call('GET', holder.self)).status).toBe(200)
      api().clock.turn(60)
      await expectEnded(holder)
    }
  })

  it('of a member ends with the application key, and with the membership', async () => {
    const owner = await api().owned()
    for (const change of [{ enabled: false }, undefined]) {
      const holder = await member(owner)
      expect((await holder.call('GET', holder.key)).status).toBe(200)
      const method = change === undefined ? 'DELETE' : 'PATCH'
      expect((await holder.bySession(method, holder.key, change)).status).toBeLessThan(300)
      await expectEnded(holder)
    }
    const holder = await member(owner)
    expect((await owner.call('DELETE', holder.self)).status).toBe(204)
    await expectEnded(holder)
  })

  it('ends while its organization is disabled', async () => {
    const owner = await api().owned()
    const holder = await account(owner)
    for (const enabled of [false, true]) {
      const change = { organization: owner.organization, enabled }
      accepted(await changeOrganization(api().desk(), api().act(), change))
      if (!enabled) await expectEnded(holder)
    }
    expect((await holder.call('GET', '/me')).status).toBe(200)
  })

  it('that has ended opens no route but those that are open to everybody', async () => {
    const owner = await api().owned()
    const holder = await account(owner)
    await owner.call('PATCH', holder.key, { enabled: false })
    const closed = apiRoutes.filter(({ needs }) => needs !== 'nobody')
    for (const { operationId, method, path } of closed) {
      const there = path.replaceAll(/\{(\w+)\}/g, (_, named: string) =>
        named === 'organization_id' ? owner.organization : named,
      )
      const { status } = await holder.call(method.toUpperCase(), there)
      expect([operationId, status]).toEqual([operationId, 401])
    }
  })
})

import { describe, expect, it } from 'vitest'
import { newOrganization } from '../../management/desk.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()

async function operator() {
  const { id } = await newOrganization(api().desk())
  return api().member(id, [], true)
}

type Key = {
  readonly kid: string
  readonly alg: string
  readonly state: string
  readonly use: string
}

describe('the signing keys over HTTP', () => {
  it('are for operators alone, and show nothing that is private', async () => {
    const owner = await api().owned()
    for (const [method, path, body] of [
      ['GET', '/signing-keys', undefined],
      ['POST', '/signing-keys/rotate', {}],
      ['POST', `/signing-keys/${'a'.repeat(43)}/revoke`, undefined],
    ] as const) {
      const denied = await owner.call(method, path, body)
      expect([denied.status, denied.body.code]).toEqual([403, 'operator_needed'])
    }
    const { status, body } = await (await operator()).call('GET', '/signing-keys')
    expect(status).toBe(200)
    const ofTokens = body.items.filter(({ use }: Key) => use === 'access_token')
    const states = ofTokens.map(({ alg, state }: Key) => `${alg} ${state}`)
    expect(new Set(states)).toEqual(new Set(['ES256 active', 'ES256 next']))
    expect(JSON.stringify(body)).not.toMatch(/"d"|sealed|private/)
  })

  it('are rotated, and revoked at once', async () => {
    const { call } = await operator()
    const before: { items: Key[] } = (await call('GET', '/signing-keys')).body
    const next = before.items.find(({ state }) => state === 'next')
    const rotated = await call('POST', '/signing-keys/rotate', { alg: 'ES256' })
    expect(rotated.status).toBe(200)
    expect(rotated.body.items).toContainEqual(expect.objectContaining({ kid: next?.kid }))
    const unused = await call('POST', '/signing-keys/rotate', { alg: 'RS256' })
    expect([unused.status, unused.body.code]).toEqual([422, 'signing_alg_unused'])

    const revoked = await call('POST', `/signing-keys/${next?.kid}/revoke`)
    expect([revoked.status, revoked.body.kid]).toEqual([200, next?.kid])
    const after: { items: Key[] } = (await call('GET', '/signing-keys')).body
    expect(after.items.find(({ kid }) => kid === next?.kid)?.state).toBe('revoked')
    const unknown = await call('POST', `/signing-keys/${'a'.repeat(43)}/revoke`)
    expect([unknown.status, unknown.body.code]).toEqual([404, 'signing_key_unknown'])
  })
})

import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/domain/time.ts'
import type { Name } from '../../src/domain/name.ts'
import type { Permission } from '../../src/domain/permission.ts'
import type { ResourceName } from '../../src/domain/binding.ts'
import { publicFace, tokenResponse, unavailableFace } from '../../src/protocol/token-response.ts'

const legal = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/

const authenticationRefusals = [
  'authentication_missing',
  'authentication_method_unsupported',
  'authorization_malformed',
  'client_unknown',
  'client_disabled',
  'client_expired',
  'organization_disabled',
  'secret_malformed',
  'credential_unknown',
  'credential_mismatch',
  'credential_disabled',
  'credential_expired',
] as const

describe('publicFace', () => {
  it('speaks in characters that RFC 6749 allows', () => {
    for (const [code, description, status] of [...Object.values(publicFace), unavailableFace]) {
      expect(code).toMatch(legal)
      expect(description).toMatch(legal)
      expect(status).toBeGreaterThanOrEqual(400)
    }
  })

  it('shows one face for every refused authentication', () => {
    const faces = authenticationRefusals.map((reason) => JSON.stringify(publicFace[reason]))
    expect([...new Set(faces)]).toEqual([
      JSON.stringify(['invalid_client', 'client authentication failed', 401]),
    ])
  })

  it('uses invalid_client and 401 for nothing else', () => {
    const others = Object.entries(publicFace).filter(
      ([reason]) => !authenticationRefusals.some((known) => known === reason),
    )
    for (const [, [code, , status]] of others) {
      expect(code).not.toBe('invalid_client')
      expect(status).not.toBe(401)
    }
  })

  it('does not tell an API that does not exist from one that is not granted', () => {
    expect(publicFace.audience_unknown).toEqual(publicFace.audience_not_granted)
  })
})

describe('tokenResponse', () => {
  const grant = { scope: [], details: [], lifetime: seconds(900) }

  it('names type and lifetime, and leaves out what was not granted', () => {
    expect(JSON.parse(tokenResponse({ token: 'a.b.c', grant }))).toEqual({
      access_token: 'a.b.c',
      token_type: 'Bearer',
      expires_in: 900,
    })
  })

  it('tells the scope and the details that were granted', () => {
    const scope = ['a:read', 'b:read'] as Permission[]
    const details = [
      {
        role: 'operator' as Name,
        resource: 'cluster/a' as ResourceName,
        permissions: ['a:read'] as Permission[],
      },
    ]
    const body = JSON.parse(tokenResponse({ token: 'a.b.c', grant: { ...grant, scope, details } }))
    expect(body).toMatchObject({
      scope: 'a:read b:read',
      authorization_details: [
        { type: 'role', role: 'operator', resource: 'cluster/a', permissions: ['a:read'] },
      ],
    })
  })
})

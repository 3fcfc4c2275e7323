import { describe, expect, it } from 'vitest'
import { readTokenRequest } from '../../src/protocol/token-request.ts'

const authorization = `Basic ${btoa('sa_1:secret')}`

function read(parameters: Record<string, string> | string) {
  const body =
    typeof parameters === 'string'
      ? parameters
      : new URLSearchParams({ grant_type: 'client_credentials', ...parameters }).toString()
  return readTokenRequest({ authorization, query: undefined, body })
}

const refusal = (reason: string) => ({ ok: false, refusal: { reason } })

describe('readTokenRequest', () => {
  it('reads who asks, where, and for what', () => {
    const details = [{ type: 'role', role: 'operator', resource: 'cluster/prod-eu' }]
    expect(
      read({
        resource: 'https://api.example.com/v1',
        scope: 'b:read a:read b:read',
        authorization_details: JSON.stringify(details),
      }),
    ).toEqual({
      ok: true,
      value: {
        presented: { method: 'client_secret_basic', client: 'sa_1', secret: 'secret' },
        audience: 'https://api.example.com/v1',
        asked: {
          scope: ['b:read', 'a:read'],
          details: [{ role: 'operator', resource: 'cluster/prod-eu', permissions: undefined }],
        },
      },
    })
  })

  it('leaves open what is not mentioned, and passes over what it does not know', () => {
    expect(read({ scope: '', resource: '', authorization_details: '', device: 'x' })).toMatchObject(
      {
        value: { audience: undefined, asked: { scope: undefined, details: undefined } },
      },
    )
  })

  it('reads a refused form, a refused proof and a refused wish in this order', () => {
    expect(read('scope=a&scope=b')).toMatchObject({
      refusal: { reason: 'parameter_repeated', name: 'scope' },
    })
    expect(read('client_secret=x')).toEqual(refusal('authentication_ambiguous'))
    expect(read('scope=%22')).toEqual(refusal('grant_type_missing'))
  })

  it('knows one grant type', () => {
    for (const grantType of [
      'password',
      'refresh_token',
      'authorization_code',
      'Client_credentials',
    ])
      expect(read(`grant_type=${grantType}`)).toEqual(refusal('grant_type_unsupported'))
    expect(read('grant_type=')).toEqual(refusal('grant_type_missing'))
  })

  it.each([' a', 'a ', 'a  b', 'a"b', 'a\\b', 'caf\u00E9', 'a\tb'])(
    'refuses the scope %j',
    (scope) => {
      expect(read({ scope })).toEqual(refusal('scope_malformed'))
    },
  )

  it.each([
    ['a relative reference', '/orders'],
    ['a bare word', 'orders'],
    ['a fragment', 'https://api.example.com/#a'],
    ['an empty fragment', 'https://api.example.com/#'],
    ['a query', 'https://api.example.com/?a=b'],
  ])('refuses a resource with %s', (_, resource) => {
    expect(read({ resource })).toEqual(refusal('audience_malformed'))
    expect(read({ audience: resource })).toEqual(refusal('audience_malformed'))
  })

  it('takes one resource; `audience` may say it instead, or the same again', () => {
    const [a, b] = ['https://a.example.com', 'https://b.example.com']
    expect(read({ audience: a })).toMatchObject({ value: { audience: a } })
    expect(read({ audience: a, resource: a })).toMatchObject({ value: { audience: a } })
    const repeated = refusal('audience_repeated')
    expect(read({ audience: b, resource: a })).toEqual(repeated)
    const twice = new URLSearchParams([
      ['grant_type', 'client_credentials'],
      ['resource', a],
      ['resource', a],
    ])
    expect(read(twice.toString())).toEqual(repeated)
  })
})

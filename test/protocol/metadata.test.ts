import { describe, expect, it } from 'vitest'
import { issuerPath, metadata, metadataPaths } from '../../src/protocol/metadata.ts'

describe('metadata', () => {
  it('takes every URL from the issuer', () => {
    expect(metadata('https://id.example.com/a/b')).toMatchObject({
      issuer: 'https://id.example.com/a/b',
      token_endpoint: 'https://id.example.com/a/b/oauth2/token',
      jwks_uri: 'https://id.example.com/a/b/.well-known/jwks.json',
    })
  })

  it('says what there is, and mentions nothing that there is not', () => {
    expect(metadata('https://id.example.com')).toEqual({
      issuer: 'https://id.example.com',
      token_endpoint: 'https://id.example.com/oauth2/token',
      jwks_uri: 'https://id.example.com/.well-known/jwks.json',
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      authorization_details_types_supported: ['role'],
    })
  })
})

describe('metadataPaths', () => {
  it('are two for an issuer without a path', () => {
    expect(issuerPath('https://id.example.com')).toBe('')
    expect(metadataPaths('https://id.example.com')).toEqual([
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
    ])
  })

  it('are inserted before the path of the issuer and appended to it', () => {
    expect(issuerPath('https://id.example.com/a/b')).toBe('/a/b')
    expect(metadataPaths('https://id.example.com/a/b')).toEqual([
      '/.well-known/oauth-authorization-server/a/b',
      '/.well-known/openid-configuration/a/b',
      '/a/b/.well-known/oauth-authorization-server',
      '/a/b/.well-known/openid-configuration',
    ])
  })
})

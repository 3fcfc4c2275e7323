import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { presentedAuthentication } from '../../src/protocol/client-authentication.ts'
import { parseForm } from '../../src/protocol/form.ts'
import { texts } from './text.ts'

function presented(given: { authorization?: string; query?: string; body?: string }) {
  const form = parseForm(given.body ?? '')
  if (!form.ok) throw new Error('a test form that does not parse')
  return presentedAuthentication({
    authorization: given.authorization,
    query: given.query,
    form: form.value,
  })
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

function basic(client: string, secret: string): string {
  return `Basic ${btoa(`${formEncoded(client)}:${formEncoded(secret)}`)}`
}

const refusal = (reason: string) => ({ ok: false, refusal: { reason } })
const assertion = 'client_assertion_type=urn%3Aietf%3Aparams&client_assertion=a.b.c'

describe('presentedAuthentication', () => {
  it('reads from Basic any client and secret that were form-encoded', () => {
    fc.assert(
      fc.property(texts, texts, (client, secret) => {
        expect(presented({ authorization: basic(client, secret) })).toEqual({
          ok: true,
          value: { method: 'client_secret_basic', client, secret },
        })
      }),
    )
  })

  it('reads Basic whose sender skipped the form-encoding, if nothing in it needed that', () => {
    const bytes = String.fromCharCode(...new TextEncoder().encode('sa_1:caf\u00E9'))
    expect(presented({ authorization: `Basic ${btoa(bytes)}` })).toEqual({
      ok: true,
      value: { method: 'client_secret_basic', client: 'sa_1', secret: 'caf\u00E9' },
    })
  })

  it('does not drop a byte order mark: with it, a name is another name', () => {
    const bytes = String.fromCharCode(...new TextEncoder().encode('\uFEFFa:b'))
    expect(presented({ authorization: `Basic ${btoa(bytes)}` })).toMatchObject({
      value: { client: '\uFEFFa', secret: 'b' },
    })
  })

  it('takes the scheme in any case', () => {
    for (const scheme of ['basic', 'BASIC', 'bAsIc ']) {
      expect(presented({ authorization: `${scheme} ${btoa('a:b')}` }).ok).toBe(true)
    }
  })

  it('splits at the first colon', () => {
    expect(presented({ authorization: `Basic ${btoa('a:b:c')}` })).toMatchObject({
      value: { client: 'a', secret: 'b:c' },
    })
  })

  it.each([
    ['no credentials', 'Basic '],
    ['no colon', `Basic ${btoa('ab')}`],
    ['missing padding', 'Basic YTpi YQ'],
    ['padding left out', `Basic ${btoa('a:bc').replaceAll('=', '')}`],
    ['a space inside', 'Basic YTp iYQ=='],
    ['base64url', `Basic ${btoa('a:\u00FF\u00FE\u00FF').replaceAll('/', '_')}`],
    ['bits after the end', 'Basic YTpiYR=='],
    ['two headers joined', `Basic ${btoa('a:b')}, Basic ${btoa('a:b')}`],
    ['bytes that are not UTF-8', `Basic ${btoa('a:\u00FF')}`],
    ['broken percent-encoding', `Basic ${btoa('a:100%')}`],
    ['a form-encoded byte that is not UTF-8', `Basic ${btoa('%FF:b')}`],
  ])('refuses Basic with %s', (_, authorization) => {
    expect(presented({ authorization })).toEqual(refusal('authorization_malformed'))
    expect(presented({ authorization, body: 'client_id=a' })).toEqual(
      refusal('authorization_malformed'),
    )
  })

  it('knows no other scheme', () => {
    for (const authorization of [
      'Bearer abc',
      'Basicx YTpi',
      'Digest Basic YTpi',
      'Digest a=b',
      'Basic',
    ]) {
      expect(presented({ authorization })).toEqual(refusal('authentication_method_unsupported'))
    }
  })

  it('reads a client and its secret from the body', () => {
    expect(presented({ body: 'client_id=sa_1&client_secret=a%2Bb' })).toEqual({
      ok: true,
      value: { method: 'client_secret_post', client: 'sa_1', secret: 'a+b' },
    })
  })

  it('refuses two methods at once, even if they agree', () => {
    const authorization = basic('a', 'b')
    const ambiguous = refusal('authentication_ambiguous')
    expect(presented({ authorization, body: 'client_id=a&client_secret=b' })).toEqual(ambiguous)
    expect(presented({ authorization, body: assertion })).toEqual(ambiguous)
    expect(presented({ body: `client_id=a&client_secret=b&${assertion}` })).toEqual(ambiguous)
    expect(presented({ authorization: 'Bearer x', body: 'client_id=a&client_secret=b' })).toEqual(
      ambiguous,
    )
    expect(presented({ authorization, body: 'client_assertion_type=x' })).toEqual(ambiguous)
  })

  it('allows a client_id beside Basic only if it names the same client', () => {
    const authorization = basic('a', 'b')
    expect(presented({ authorization, body: 'client_id=a' }).ok).toBe(true)
    expect(presented({ authorization, body: 'client_id=A' })).toEqual(
      refusal('client_id_contradictory'),
    )
  })

  it('does not take a name for a proof', () => {
    expect(presented({ body: 'client_id=a' })).toEqual(refusal('authentication_missing'))
    expect(presented({ body: 'client_id=a&client_secret=' })).toEqual(
      refusal('authentication_missing'),
    )
    expect(presented({ body: 'client_secret=b' })).toEqual(refusal('client_id_missing'))
  })

  it('says that it does not know assertions', () => {
    for (const body of [assertion, 'client_assertion=a.b.c', 'client_assertion_type=x']) {
      expect(presented({ body })).toEqual(refusal('authentication_method_unsupported'))
    }
  })

  it('refuses credentials in the URL, however they are written there', () => {
    const authorization = basic('a', 'b')
    const queries = [
      'client_secret=b',
      'x=1&client_id=a',
      'client%5Fsecret=b',
      'client_secret',
      'client_assertion=x',
      'client_assertion_type=x',
      'assertion=x',
      'access_token=x',
    ]
    for (const query of queries) {
      expect(presented({ authorization, query })).toEqual(refusal('credentials_in_query'))
    }
    expect(presented({ authorization, query: 'tenant=1&CLIENT_ID=2' }).ok).toBe(true)
  })
})

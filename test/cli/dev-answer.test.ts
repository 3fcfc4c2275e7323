import { describe, expect, it } from 'vitest'
import type { DevAnswer } from '../../src/cli/dev-answer.ts'
import { bannerText, jsonText } from '../../src/cli/dev-answer.ts'
import { parseAudience } from '../../src/domain/api.ts'
import { parseId } from '../../src/domain/id.ts'
import type { ClientSecret } from '../../src/domain/secret.ts'

const first: DevAnswer = {
  issuer: 'http://127.0.0.1:8080',
  audience: parseAudience('https://deploy.example.com') as never,
  main: account('terraform', '1', 'csk_main'),
  second: account('ci', '2', 'csk_second'),
  setupLink: 'http://127.0.0.1:8080/console/setup#cln_first',
}
const later: DevAnswer = {
  ...first,
  main: { ...first.main, secret: undefined },
  second: { ...first.second, secret: undefined },
  setupLink: undefined,
}

describe('what dev tells people', () => {
  const text = bannerText(first)

  it('is where it listens and who can get tokens', () => {
    expect(text).toContain('Countersign is listening on http://127.0.0.1:8080\n')
    for (const { name, access, id, secret } of [first.main, first.second]) {
      expect(text).toContain(
        `Account ${name}, with ${access}\n  client ID      ${id}\n  client secret  ${secret}\n`,
      )
    }
  })

  it('can be pasted into a shell', () => {
    const exported = text.matchAll(/^ {2}export (\w+)=(\S+)$/gm)
    expect(Object.fromEntries(Array.from(exported, ([, name, value]) => [name, value]))).toEqual({
      ISSUER: first.issuer,
      TOKEN_ENDPOINT: `${first.issuer}/oauth2/token`,
      CLIENT_ID: first.main.id,
      CLIENT_SECRET: 'csk_main',
      AUDIENCE: first.audience,
    })
    const curl = `curl -s -u ${first.main.id}:csk_main -d grant_type=client_credentials ${first.issuer}/oauth2/token`
    expect(text).toContain(`\n  ${curl}\n`)
    expect(text).toMatch(
      /^ {2}curl .* \| .+ verify --issuer http:\/\/127\.0\.0\.1:8080 --audience https:\/\/deploy\.example\.com$/m,
    )
  })

  it('has no secret once they were shown, and says how to get others', () => {
    const again = bannerText(later)
    expect(again).not.toContain('csk_')
    expect(again).not.toContain('client secret')
    expect(again).toContain('dev --new-secret" replaces them.')
    expect(again).toContain('curl -s -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type')
  })

  it('is first how to get a token, then how people come in, until somebody is in', () => {
    expect(text.indexOf('Get a token')).toBeLessThan(text.indexOf('People come in'))
    expect(text).toContain(`\n\n  ${first.setupLink}\n\n`)
    expect(bannerText(later)).not.toContain('People')
  })
})

describe('what dev tells scripts', () => {
  it('is one line of JSON with all that a client needs', () => {
    expect(jsonText(first)).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(jsonText(first))).toEqual({
      issuer: first.issuer,
      token_endpoint: `${first.issuer}/oauth2/token`,
      jwks_uri: `${first.issuer}/.well-known/jwks.json`,
      audience: first.audience,
      client_id: first.main.id,
      client_secret: 'csk_main',
      accounts: [
        { name: 'terraform', client_id: first.main.id, client_secret: 'csk_main' },
        { name: 'ci', client_id: first.second.id, client_secret: 'csk_second' },
      ],
      setup_link: first.setupLink,
    })
  })

  it('has null for a secret that is not known any more', () => {
    expect(JSON.parse(jsonText(later))).toMatchObject({
      client_secret: null,
      accounts: [{ client_secret: null }, { client_secret: null }],
      setup_link: null,
    })
  })
})

function account(name: string, digit: string, secret: string) {
  const id = parseId('service_account', `sa_${digit.repeat(26)}`)
  if (id === undefined) throw new Error('not an id')
  return { id, name, access: `roles of ${name}`, secret: secret as ClientSecret }
}

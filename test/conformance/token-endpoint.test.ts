import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readServeConfig } from '../../src/config.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse, requestToken } from '../support/fixtures.ts'
import { basic, errorOf, post } from './scene.ts'

let house: DemoHouse
beforeAll(async () => void (house = await openDemoHouse()))
afterAll(async () => house.close())

const form = 'grant_type=client_credentials'
const ask = (body: string) => post(house, { headers: basic(house.terraform), body })
const askScope = (text: string) => ask(`${form}&scope=${encodeURIComponent(text)}`)

async function errorCode(response: Response): Promise<unknown> {
  return (await errorOf(response))['error']
}

async function issued(response: Response): Promise<Record<string, unknown>> {
  expect(response.status).toBe(200)
  return (await response.json()) as Record<string, unknown>
}

describe('RFC 6749 §3.2', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])(
    'refuses %s [16]',
    async (method) => {
      const response = await fetch(`${house.issuer}/oauth2/token`, { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    },
  )

  it.each(['application/json', 'multipart/form-data; boundary=a', 'text/plain'])(
    'does not take %s for a form [17]',
    async (type) => {
      const headers = { ...basic(house.terraform), 'content-type': type }
      const response = await post(house, { headers })
      expect(response.status).toBe(400)
      expect(await errorCode(response)).toBe('invalid_request')
    },
  )

  it.each(['scope=%FF', 'scope=%C3%28', 'scope=%', 'scope=\u00E9'])(
    'refuses a body that is not UTF-8 in percent-encoding (%s) [17]',
    async (parameter) => {
      const response = await ask(`${form}&${parameter}`)
      expect(response.status).toBe(400)
      expect(await errorCode(response)).toBe('invalid_request')
    },
  )

  it.each([
    'grant_type=client_credentials',
    'scope=a&scope=a',
    'audience=a&audience=b',
    'client_id=a&client_id=a',
    'unknown=1&unknown=2',
  ])('refuses a parameter that occurs twice (%s) [18]', async (parameters) => {
    const response = await ask(`${form}&${parameters}`)
    expect(response.status).toBe(400)
    expect(await errorCode(response)).toBe('invalid_request')
  })

  it('takes a parameter without a value for one that is left out [19]', async () => {
    const empty = 'scope=&resource=&audience&authorization_details=&client_id=&client_secret='
    const { scope } = await issued(await ask(`${form}&${empty}`))
    expect(scope).toBe('deployments:read deployments:write')
    expect(await errorCode(await ask('grant_type='))).toBe('invalid_request')
  })

  it('passes over parameters it does not know [20]', async () => {
    expect((await ask(`${form}&code=x&redirect_uri=y&foo=bar`)).status).toBe(200)
  })

  it('has an address without a fragment [32]', async () => {
    const metadata = await fetch(`${house.issuer}/.well-known/oauth-authorization-server`)
    expect(((await metadata.json()) as { token_endpoint: string }).token_endpoint).not.toContain(
      '#',
    )
    expect(serveWith('https://id.example.com/#a').ok).toBe(false)
  })
})

function serveWith(issuer: string) {
  return readServeConfig({
    ISSUER: issuer,
    DATABASE_URL: 'postgresql://localhost/x',
    KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  })
}

describe('the issuer (RFC 6749 §3.2)', () => {
  it('serves no issuer over plain HTTP but a loopback one [15]', () => {
    expect(serveWith('http://id.example.com').ok).toBe(false)
    expect(serveWith('http://10.0.0.1').ok).toBe(false)
    expect(serveWith('http://127.0.0.1:8080').ok).toBe(true)
    expect(serveWith('https://id.example.com').ok).toBe(true)
  })
})

describe('RFC 6749 §4.4', () => {
  it('asks for a grant type, and knows one [21]', async () => {
    expect(await errorCode(await ask('scope=a'))).toBe('invalid_request')
    expect(await errorCode(await ask('grant_type=device'))).toBe('unsupported_grant_type')
  })

  it.each(['authorization_code', 'password', 'refresh_token', 'implicit'])(
    'has no %s grant, nor a word of it in its metadata or its code [22]',
    async (grantType) => {
      const response = await ask(`grant_type=${grantType}&code=x&username=a&password=b`)
      expect(await errorCode(response)).toBe('unsupported_grant_type')
      const metadata = await fetch(`${house.issuer}/.well-known/oauth-authorization-server`)
      expect(await metadata.text()).not.toContain(grantType)
      for (const floor of ['protocol', 'token', 'http/oauth']) {
        expect(await sourceOf(floor)).not.toContain(`'${grantType}'`)
      }
    },
  )

  it('grants nothing to a client that does not prove itself [23]', async () => {
    for (const body of [form, `${form}&client_id=${house.terraform.id}`]) {
      const response = await post(house, { body })
      expect([response.status, await errorCode(response)]).toEqual([401, 'invalid_client'])
    }
  })
})

async function sourceOf(floor: string): Promise<string> {
  const folder = join(import.meta.dirname, '../../src', floor)
  const names = await readdir(folder, { recursive: true })
  const files = names.filter((each) => each.endsWith('.ts'))
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n')
}

describe('RFC 6749 §3.3', () => {
  it('reads scope in any order, and minds the case [24]', async () => {
    const one = await issued(await askScope('deployments:read deployments:write'))
    const other = await issued(await askScope('deployments:write deployments:read'))
    expect(one['scope']).toBe(other['scope'])
    expect(await errorCode(await askScope('Deployments:read'))).toBe('invalid_scope')
  })

  it.each(['deployments:read"', 'deployments\\read', 'd\u00E9ploiements', 'a\tb', ' a', 'a  b'])(
    'refuses the characters of %j [24]',
    async (text) => {
      const response = await askScope(text)
      expect([response.status, await errorCode(response)]).toEqual([400, 'invalid_scope'])
    },
  )

  it('gives everything that is held to a client that asks for nothing [25]', async () => {
    expect((await issued(await ask(form)))['scope']).toBe('deployments:read deployments:write')
  })

  it('says what it granted, whether or not it is what was asked [26]', async () => {
    expect((await issued(await ask(form)))['scope']).toBe('deployments:read deployments:write')
    expect((await issued(await askScope('deployments:read')))['scope']).toBe('deployments:read')
  })

  it('refuses scope that is not held, and does not narrow it [27]', async () => {
    for (const text of ['deployments:delete', 'deployments:read deployments:delete']) {
      const response = await askScope(text)
      expect([response.status, await errorCode(response)]).toEqual([400, 'invalid_scope'])
    }
    const response = await requestToken(house, house.ci, { scope: 'deployments:write' })
    expect(await errorCode(response)).toBe('invalid_scope')
  })
})

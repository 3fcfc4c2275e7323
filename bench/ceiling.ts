/**
 * The ceiling: the least that a token endpoint on Hono and Node can do. It reads the form, compares
 * the hash of one secret, and signs one JWT of the size and kind that Countersign issues. No
 * accounts, no roles, no refusals beyond "no", no trace ids, no log, no database.
 */
import { generateKeyPairSync, hash, randomUUID, sign, timingSafeEqual } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const [client = '', secret = ''] = process.argv.slice(2)
const secretHash = hash('sha256', secret, 'buffer')
const header = base64url({ alg: 'ES256', typ: 'at+jwt', kid: 'ceiling' })
const issuer = `http://127.0.0.1:${process.env['PORT']}`
const lifetimeSeconds = 900
const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }

const app = new Hono()
  .post('/oauth2/token', async (c) => {
    const form = parseForm(await c.req.text())
    if (form.get('grant_type') !== 'client_credentials') return c.body(null, 400)
    if (!isClient(c.req.header('authorization') ?? '')) return c.body(null, 401)
    const body = {
      access_token: accessToken(),
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      scope: 'deployments:read deployments:write',
    }
    return new Response(JSON.stringify(body), { headers })
  })
  .get('/jwks', (c) =>
    c.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'ceiling' }] }),
  )

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['PORT']) })
process.on('disconnect', () => process.exit())

function parseForm(text: string): Map<string, string> {
  const form = new Map<string, string>()
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=')
    form.set(pair.slice(0, equals), decodeURIComponent(pair.slice(equals + 1)))
  }
  return form
}

function isClient(authorization: string): boolean {
  const text = Buffer.from(authorization.slice('Basic '.length), 'base64').toString('latin1')
  const colon = text.indexOf(':')
  const given = hash('sha256', text.slice(colon + 1), 'buffer')
  return text.slice(0, colon) === client && timingSafeEqual(given, secretHash)
}

function accessToken(): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuer,
    sub: client,
    client_id: client,
    aud: 'https://deploy.example.com',
    iat: now,
    exp: now + lifetimeSeconds,
    jti: randomUUID(),
    scope: 'deployments:read deployments:write',
    roles: ['deployer'],
  }
  const signed = `${header}.${base64url(claims)}`
  return `${signed}.${rawSignature(sign('sha256', Buffer.from(signed), privateKey))}`
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** R‖S out of DER, whose integers have between 1 and 33 bytes. RFC 7518 §3.4. */
function rawSignature(der: Buffer): string {
  const endOfR = 4 + der.readUInt8(3)
  const r = der.subarray(4, endOfR)
  const s = der.subarray(endOfR + 2)
  const raw = Buffer.alloc(64)
  r.copy(raw, Math.max(0, 32 - r.length), Math.max(0, r.length - 32))
  s.copy(raw, Math.max(32, 64 - s.length), Math.max(0, s.length - 32))
  return raw.toString('base64url')
}

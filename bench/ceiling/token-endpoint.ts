/**
 * The least that a token endpoint has to do, whatever serves it: read the form, compare the hash of
 * one secret, and sign one JWT of the size and kind that Countersign issues. No accounts, no roles,
 * no refusals beyond "no", no trace ids, no log, no database.
 */
import { generateKeyPairSync, hash, randomUUID, sign, timingSafeEqual } from 'node:crypto'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const [client = '', secret = ''] = process.argv.slice(2)
const secretHash = hash('sha256', secret, 'buffer')
const header = base64url({ alg: 'ES256', typ: 'at+jwt', kid: 'ceiling' })
const issuer = `http://127.0.0.1:${process.env['PORT']}`
const lifetimeSeconds = 900

export const responseHeaders = { 'content-type': 'application/json', 'cache-control': 'no-store' }

export const jwks = {
  keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'ceiling' }],
}

/** The status, and the body if there is a token. */
export function answerTo(authorization: string, body: string): readonly [number, string?] {
  if (parseForm(body).get('grant_type') !== 'client_credentials') return [400]
  if (!isClient(authorization)) return [401]
  const response = {
    access_token: accessToken(),
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    scope: 'deployments:read deployments:write',
  }
  return [200, JSON.stringify(response)]
}

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

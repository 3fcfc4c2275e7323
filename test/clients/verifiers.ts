import type { JsonWebKey } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import type { Algorithm, DecodedJwt } from 'fast-jwt'
import { createVerifier, TokenError } from 'fast-jwt'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import jwksClient from 'jwks-rsa'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { pythonHas, pythonScript } from './programs.ts'

/** What a resource server knows beforehand. */
export type Expected = {
  readonly issuer: string
  readonly audience: string
  readonly jwksUri: string
  readonly alg: SigningAlg
}

/** What to expect of the demo's tokens. */
export function expectedFrom({ issuer, demo: { audience } }: DemoHouse): Expected {
  return { issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json`, alg: 'ES256' }
}

export type Verdict =
  | { readonly claims: Readonly<Record<string, unknown>> }
  /** The verifier's own name for what is wrong. */
  | { readonly refused: string }

export type Flaw = 'issuer' | 'audience' | 'signature' | 'expired'

/** A library that verifies tokens, as somebody else wrote it. */
export type Verifier = {
  readonly name: string
  readonly isInstalled: boolean
  readonly takes: readonly SigningAlg[]
  /** Fetches the keys and verifies; throws what is not about the token. */
  readonly verify: (token: string, expected: Expected) => Promise<Verdict>
  readonly refusals: Readonly<Record<Flaw, string>>
}

/** How far the clocks of the two servers may be apart. */
export const leewaySeconds = 60

export const verifiers: readonly Verifier[] = [
  {
    name: 'jose',
    isInstalled: true,
    takes: signingAlgs,
    verify: verifyWithJose,
    refusals: {
      issuer: 'unexpected "iss" claim value',
      audience: 'unexpected "aud" claim value',
      signature: 'signature verification failed',
      expired: '"exp" claim timestamp check failed',
    },
  },
  {
    name: 'jsonwebtoken with jwks-rsa',
    isInstalled: true,
    takes: ['ES256', 'RS256'],
    verify: verifyWithJsonwebtoken,
    refusals: {
      issuer: 'jwt issuer invalid',
      audience: 'jwt audience invalid',
      signature: 'invalid signature',
      expired: 'jwt expired',
    },
  },
  {
    name: 'fast-jwt',
    isInstalled: true,
    takes: ['ES256', 'RS256'],
    verify: verifyWithFastJwt,
    refusals: {
      issuer: 'The iss claim value is not allowed.',
      audience: 'The aud claim value is not allowed.',
      signature: 'FAST_JWT_INVALID_SIGNATURE',
      expired: 'FAST_JWT_EXPIRED',
    },
  },
  {
    name: 'python3-jwt (PyJWT)',
    isInstalled: pythonHas('jwt', 'cryptography'),
    takes: ['ES256', 'RS256'],
    verify: verifierInPython('pyjwt_verifier.py'),
    refusals: {
      issuer: 'InvalidIssuerError',
      audience: 'InvalidAudienceError',
      signature: 'InvalidSignatureError',
      expired: 'ExpiredSignatureError',
    },
  },
]

async function verifyWithJose(token: string, expected: Expected): Promise<Verdict> {
  const keys = createRemoteJWKSet(new URL(expected.jwksUri))
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: expected.issuer,
      audience: expected.audience,
      typ: 'at+jwt',
      algorithms: [expected.alg],
      clockTolerance: leewaySeconds,
    })
    return { claims: payload }
  } catch (error) {
    if (error instanceof errors.JOSEError) return { refused: error.message }
    throw error
  }
}

async function verifyWithJsonwebtoken(token: string, expected: Expected): Promise<Verdict> {
  const keys = jwksClient({ jwksUri: expected.jwksUri })
  const kid = jsonwebtoken.decode(token, { complete: true })?.header.kid
  const key = await keys.getSigningKey(kid)
  try {
    const { header, payload } = jsonwebtoken.verify(token, key.getPublicKey(), {
      issuer: expected.issuer,
      audience: expected.audience,
      algorithms: [expected.alg as jsonwebtoken.Algorithm],
      clockTolerance: leewaySeconds,
      complete: true,
    })
    // It has no option for the type.
    if (header.typ !== 'at+jwt') return { refused: 'typ' }
    return { claims: Object(payload) }
  } catch (error) {
    if (error instanceof jsonwebtoken.JsonWebTokenError) return { refused: error.message }
    throw error
  }
}

async function verifyWithFastJwt(token: string, expected: Expected): Promise<Verdict> {
  const verify = createVerifier({
    key: async ({ header }: DecodedJwt) => publicKey(expected, header['kid']),
    algorithms: [expected.alg as Algorithm],
    allowedIss: expected.issuer,
    allowedAud: expected.audience,
    // What is not required is only looked at if it is there.
    requiredClaims: ['iss', 'aud', 'exp'],
    checkTyp: 'at+jwt',
    clockTolerance: leewaySeconds * 1000,
  })
  try {
    return { claims: await verify(token) }
  } catch (error) {
    if (error instanceof TokenError) return { refused: `${error.code} ${error.message}` }
    throw error
  }
}

/** fast-jwt fetches no keys itself. */
async function publicKey({ jwksUri }: Expected, kid: string): Promise<string> {
  const response = await fetch(jwksUri)
  const { keys } = (await response.json()) as { readonly keys: readonly JsonWebKey[] }
  const jwk = keys.find((key) => key['kid'] === kid)
  if (jwk === undefined) throw new Error(`no published key ${kid}`)
  return createPublicKey({ key: jwk, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  }) as string
}

function verifierInPython(name: string): Verifier['verify'] {
  const ask = pythonScript(name)
  return async (token, expected) => {
    const { jwksUri: jwks_uri, ...claims } = expected
    return (await ask({ token, ...claims, jwks_uri, leeway: leewaySeconds })) as Verdict
  }
}

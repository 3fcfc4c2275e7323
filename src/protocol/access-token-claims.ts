import type { Audience } from '../domain/api.ts'
import { tokenLifetimeMax } from '../domain/api.ts'
import type {
  ApplicationKeyId,
  ClientId,
  CredentialId,
  MemberId,
  OrganizationId,
  ServiceAccountId,
} from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import type { Permission } from '../domain/permission.ts'
import { parsePermission } from '../domain/permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { numericDate, seconds } from '../domain/time.ts'
import type { NumericDate } from '../domain/time.ts'

/** What a token says, member by member. */
export type Claims = ReadonlyMap<string, unknown>

/** The token is not good: `what` says in which respect, to whoever looks for the reason. */
export type TokenInvalid = { readonly reason: 'token_invalid'; readonly what: string }

/** A receipt: a token of this server, for the API it was brought to, that is good now. */
export type VerifiedToken = {
  readonly organization: OrganizationId
  readonly principal: TokenPrincipal
  readonly client: ClientId
  /** What it was got with: a credential of the account, or the application key, which is the client. */
  readonly gotWith: CredentialId | ApplicationKeyId
  readonly scope: readonly Permission[]
  readonly jti: string
  readonly expiresAt: NumericDate
}

export type TokenPrincipal =
  | { readonly type: 'service_account'; readonly id: ServiceAccountId }
  | { readonly type: 'member'; readonly id: MemberId }

type Expected = {
  readonly issuer: string
  readonly audience: Audience
  readonly now: NumericDate
}

/** By how much the clocks of two processes may differ: see the clock of memory. */
const clockDifferenceMax = seconds(5)

/**
 * Reads the claims of a token whose signature is good, as the resource server that they are meant for.
 * RFC 9068 §4. Issuer and audience are compared as text. A token bound to a key of its holder would
 * have to be presented with a proof of that, so it is no bearer token. RFC 9449 §7.2, RFC 8705 §3.
 */
export function readAccessTokenClaims(
  claims: Claims,
  expected: Expected,
): Result<VerifiedToken, TokenInvalid> {
  for (const [isGood, what] of rules) {
    if (!isGood(claims, expected)) return tokenInvalid(what)
  }
  const organization = textOf(claims, 'org_id', (text) => parseId('organization', text))
  const holder = holderOf(claims)
  const scope = scopeOf(claims.get('scope'))
  const jti = textOf(claims, 'jti', (text) => text)
  if (!organization || !holder || !scope || jti === undefined) {
    return tokenInvalid('its claims are not those of an access token of this server')
  }
  return accept({ organization, ...holder, scope, jti, expiresAt: dateOf(claims, 'exp') })
}

export function tokenInvalid(what: string) {
  return refuse({ reason: 'token_invalid', what } as const)
}

type Rule = readonly [isGood: (claims: Claims, expected: Expected) => boolean, what: string]

const rules: readonly Rule[] = [
  [(claims, { issuer }) => claims.get('iss') === issuer, 'it is of another issuer'],
  [(claims, { audience }) => claims.get('aud') === audience, 'it is for another audience'],
  [
    (claims, { now }) => dateOf(claims, 'iat') <= now + clockDifferenceMax,
    'it was not issued yet, or does not say when',
  ],
  [
    (claims, { now }) => !claims.has('nbf') || dateOf(claims, 'nbf') <= now + clockDifferenceMax,
    'its time has not come',
  ],
  [(claims, { now }) => dateOf(claims, 'exp') > now, 'it has expired, or does not say when'],
  [
    (claims) => dateOf(claims, 'exp') - dateOf(claims, 'iat') <= tokenLifetimeMax,
    'it would live longer than any token of this server',
  ],
  [(claims) => !claims.has('cnf'), 'it is bound to a key, and none was proved'],
]

/** `NaN` for what is no date: no comparison with it holds. */
function dateOf(claims: Claims, name: string): NumericDate {
  const value = claims.get(name)
  return numericDate(Number.isSafeInteger(value) ? Number(value) : Number.NaN)
}

type Holder = Pick<VerifiedToken, 'principal' | 'client' | 'gotWith'>

/**
 * Who is meant, and by which client: an account is its own, and a member's is an application key.
 * RFC 9068 §2.2.
 */
function holderOf(claims: Claims): Holder | undefined {
  switch (claims.get('principal_type')) {
    case 'service_account': {
      const id = textOf(claims, 'sub', (text) => parseId('service_account', text))
      const credential = textOf(claims, 'credential_id', (text) => parseId('credential', text))
      if (!id || !credential || claims.get('client_id') !== id) return undefined
      return { principal: { type: 'service_account', id }, client: id, gotWith: credential }
    }
    case 'member': {
      const id = textOf(claims, 'sub', (text) => parseId('member', text))
      const client = textOf(claims, 'client_id', (text) => parseId('application_key', text))
      return id && client && { principal: { type: 'member', id }, client, gotWith: client }
    }
    default:
      return undefined
  }
}

/** Without the claim: nothing. */
function scopeOf(claim: unknown): readonly Permission[] | undefined {
  if (claim === undefined) return []
  if (typeof claim !== 'string') return undefined
  const permissions = claim.split(' ').map(parsePermission)
  const known = permissions.filter((permission) => permission !== undefined)
  return known.length === permissions.length ? known : undefined
}

function textOf<Value>(
  claims: Claims,
  name: string,
  parse: (text: string) => Value | undefined,
): Value | undefined {
  const value = claims.get(name)
  return typeof value === 'string' && value !== '' ? parse(value) : undefined
}

import type { Brand } from './brand.ts'
import type { Created } from './created.ts'
import type { ApplicationKeyId, CredentialId, OrganizationId, PrincipalId } from './id.ts'
import type { Name } from './name.ts'
import type { SecretHandle } from './secret.ts'
import type { NumericDate } from './time.ts'
import { hasEnded } from './time.ts'
import type { Versioned } from './version.ts'

/** A secret at rest: an Argon2id hash in PHC string form. RFC 9106. */
export type Phc = Brand<string, 'Phc'>

type Common = {
  readonly id: CredentialId | ApplicationKeyId
  readonly enabled: boolean
  readonly expiresAt: NumericDate | undefined
}

/**
 * One way a client proves itself, as the token plane knows it. A kind that this program does not
 * know (a newer one wrote it) is kept and never usable: two versions run side by side.
 */
export type Credential =
  | (Common & {
      readonly kind: 'client_secret'
      readonly handle: SecretHandle
      readonly hash: Phc
    })
  | (Common & { readonly kind: 'unknown' })

/** A credential as people see it: everything but the proof itself. */
export type CredentialRecord = Omit<Common, 'id'> &
  Created &
  Versioned & {
    readonly id: CredentialId
    readonly organization: OrganizationId
    readonly principal: PrincipalId
    readonly kind: Credential['kind']
    readonly name: Name
    readonly handle: SecretHandle | undefined
  }

export type ClientSecretCredential = Extract<Credential, { kind: 'client_secret' }>

// The order of the parameters differs between programs.
const phc =
  /^\$argon2id\$v=19\$m=\d{1,10},(?:t=\d{1,10},p=\d{1,8}|p=\d{1,8},t=\d{1,10})\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,86}$/

export function parsePhc(text: string): Phc | undefined {
  return phc.test(text) ? (text as Phc) : undefined
}

/**
 * What a client secret at rest costs to compare: little where 256 random bits cannot be guessed at any
 * cost, and the OWASP cost where somebody else chose it. There are no others.
 */
export type SecretCost = 'generated' | 'imported'

// 16 bytes of salt and 32 of hash; in their last characters the bits that hold nothing are zero.
const secretHash =
  /^\$argon2id\$v=19\$m=(1024|19456),(?:t=([12]),p=1|p=1,t=([12]))\$[A-Za-z0-9+/]{21}[AQgw]\$[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$/

/** Reads the cost of a client secret's hash; `undefined` for one that we neither write nor take. */
export function secretCostOf(hash: string): SecretCost | undefined {
  const [, memory, time, timeAfter] = secretHash.exec(hash) ?? []
  const cost = `${memory} ${time ?? timeAfter}`
  if (cost === '1024 1') return 'generated'
  return cost === '19456 2' ? 'imported' : undefined
}

/** Reads the hash of a secret that whoever registers it has made: of one of the two costs. */
export function parseSecretHash(text: string): Phc | undefined {
  return secretCostOf(text) === undefined ? undefined : (text as Phc)
}

export type CredentialUseRefusal =
  | { readonly reason: 'credential_disabled'; readonly credential: Credential['id'] }
  | { readonly reason: 'credential_expired'; readonly credential: Credential['id'] }

/** Says why a credential cannot be used now, or nothing if it can. */
export function whyUnusable(
  credential: Credential,
  now: NumericDate,
): CredentialUseRefusal | undefined {
  if (!credential.enabled) return { reason: 'credential_disabled', credential: credential.id }
  if (hasEnded(credential.expiresAt, now)) {
    return { reason: 'credential_expired', credential: credential.id }
  }
  return undefined
}

import type { Brand } from './brand.ts'
import type { CredentialId } from './id.ts'
import type { SecretHandle } from './secret.ts'
import type { NumericDate } from './time.ts'
import { hasEnded } from './time.ts'

/** A secret at rest: an Argon2id hash in PHC string form. RFC 9106. */
export type Phc = Brand<string, 'Phc'>

type Common = {
  readonly id: CredentialId
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

export type ClientSecretCredential = Extract<Credential, { kind: 'client_secret' }>

export function parsePhc(text: string): Phc | undefined {
  return /^\$argon2id\$v=19\$m=\d+,p=\d+,t=\d+\$|^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$/.test(text)
    ? (text as Phc)
    : undefined
}

export type CredentialRefusal =
  | { readonly reason: 'credential_disabled'; readonly credential: CredentialId }
  | { readonly reason: 'credential_expired'; readonly credential: CredentialId }

/** Says why a credential cannot be used now, or nothing if it can. */
export function whyUnusable(
  credential: Credential,
  now: NumericDate,
): CredentialRefusal | undefined {
  if (!credential.enabled) return { reason: 'credential_disabled', credential: credential.id }
  if (hasEnded(credential.expiresAt, now)) {
    return { reason: 'credential_expired', credential: credential.id }
  }
  return undefined
}

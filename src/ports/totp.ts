import type { TotpCode, TotpStep } from '../domain/totp.ts'
import type { Result } from '../domain/result.ts'
import type { CannotOpen } from './key-vault.ts'

/** A secret at rest: sealed under a key-encryption key that is not in the database. */
export type SealedTotp = { readonly sealed: string; readonly keyEncryptionKeyId: string }

/** Secrets that authenticators share with us. RFC 6238. */
export type Totp = {
  /** A new secret, in base32 for whoever is to enter it, and sealed. */
  readonly make: () => Promise<SealedTotp & { readonly secret: string }>
  /**
   * The step that a code is of, among some. Throws `Unavailable` if the secret cannot be opened:
   * then nobody can say whether the code is right.
   */
  readonly stepOf: (
    sealed: SealedTotp,
    code: TotpCode,
    among: readonly TotpStep[],
  ) => Promise<TotpStep | undefined>
  /** The secret, sealed under the current key-encryption key instead. */
  readonly reseal: (sealed: SealedTotp) => Promise<Result<SealedTotp, CannotOpen>>
}

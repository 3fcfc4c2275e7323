import type { SessionProof, TokenProof } from './audit.ts'
import type { Holding } from './authority.ts'
import type { ApplicationKeyId, CredentialId, OrganizationId } from './id.ts'
import type { Name } from './name.ts'
import type { NumericDate } from './time.ts'
import { hasEnded } from './time.ts'

/** A principal as far as it counts, with what it gets tokens with; what has ended is among it. */
export type Holder = Ending & {
  readonly organization: OrganizationId
  readonly name: Name
  /** Its credentials, or the application keys of a member. */
  readonly keys: readonly (Ending & { readonly id: CredentialId | ApplicationKeyId })[]
}

/** With what it holds, directly and through its groups. */
export type HolderAndHeld = Holder & { readonly holdings: readonly Holding[] }

type Ending = { readonly enabled: boolean; readonly endsAt: NumericDate | undefined }

/**
 * Whether somebody who acts counts now: neither disabled nor at their end, and if they act by a token,
 * what it was got with neither, and still there.
 */
export function isInForce(
  { keys, ...holder }: Holder,
  by: SessionProof | TokenProof,
  now: NumericDate,
): boolean {
  if (!isOpen(holder, now)) return false
  return by.type === 'session' || keys.some((key) => key.id === by.gotWith && isOpen(key, now))
}

/** Whether they count, whatever they act by. */
export function isOpen({ enabled, endsAt }: Ending, now: NumericDate): boolean {
  return enabled && !hasEnded(endsAt, now)
}

import type { Created } from './created.ts'
import type { ApplicationKeyId, MemberId, OrganizationId } from './id.ts'
import type { Description } from './name.ts'
import type { SecretHandle } from './secret.ts'
import type { NumericDate } from './time.ts'
import type { Versioned } from './version.ts'

/**
 * Client ID and secret of a member's own, for programs that act as that member at the APIs that take
 * them. Nobody else sees it, and it ends with the member.
 */
export type ApplicationKey = Created &
  Versioned & {
    readonly id: ApplicationKeyId
    readonly organization: OrganizationId
    readonly member: MemberId
    readonly description: Description
    readonly handle: SecretHandle
    readonly enabled: boolean
    readonly expiresAt: NumericDate | undefined
  }

import type { Created } from './created.ts'
import type { OrganizationId, ServiceAccountId } from './id.ts'
import type { Description, Name } from './name.ts'
import type { NumericDate, Seconds } from './time.ts'
import type { Versioned } from './version.ts'

/** An identity of its own, tied to no person. Its id is its client ID. */
export type ServiceAccount = Created &
  Versioned & {
    readonly id: ServiceAccountId
    readonly organization: OrganizationId
    readonly name: Name
    readonly description: Description
    readonly enabled: boolean
    readonly expiresAt: NumericDate | undefined
    /** Its tokens live no longer than this, and no longer than the API allows. */
    readonly tokenLifetime: Seconds | undefined
  }

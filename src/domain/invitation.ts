import type { Created } from './created.ts'
import type { GroupId, InvitationId, OrganizationId, RoleId } from './id.ts'
import type { Email } from './person.ts'
import type { NumericDate } from './time.ts'

/** A way into an organization for one person: a link that is good once. */
export type Invitation = Created & {
  readonly id: InvitationId
  readonly organization: OrganizationId
  readonly email: Email
  readonly expiresAt: NumericDate
  /** What the new member is given with it, on the whole organization. */
  readonly roles: readonly RoleId[]
  readonly groups: readonly GroupId[]
}

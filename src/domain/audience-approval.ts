import type { Audience } from './api.ts'
import type { Created } from './created.ts'
import type { AudienceApprovalId, OrganizationId } from './id.ts'

/** An operator's word that an organization may call an API by an audience that is not its own by name. */
export type AudienceApproval = Created & {
  readonly id: AudienceApprovalId
  readonly organization: OrganizationId
  readonly audience: Audience
}

import { resourceServerRoutes } from './apis.ts'
import { applicationKeyRoutes } from './application-keys.ts'
import { audienceApprovalRoutes } from './audience-approvals.ts'
import { auditCheckpointRoutes } from './audit-checkpoints.ts'
import { auditEntryRoutes } from './audit-entries.ts'
import { bindingRoutes } from './bindings.ts'
import { credentialRoutes } from './credentials.ts'
import { deniedCallRoutes } from './denied-calls.ts'
import { groupMemberRoutes } from './group-members.ts'
import { groupRoutes } from './groups.ts'
import { invitationAcceptanceRoutes } from './invitation-acceptance.ts'
import { invitationRoutes } from './invitations.ts'
import { meRoutes } from './me.ts'
import { memberRoutes } from './members.ts'
import { operatorRoutes } from './operators.ts'
import { organizationRoutes } from './organizations.ts'
import { principalRoutes } from './principals.ts'
import { roleRoutes } from './roles.ts'
import type { ApiRoute } from './route.ts'
import { serviceAccountRoutes } from './service-accounts.ts'
import { sessionRoutes } from './sessions.ts'
import { setupRoutes } from './setup.ts'
import { signingKeyRoutes } from './signing-keys.ts'
import { tokenRefusalRoutes } from './token-refusals.ts'

/** Every route of the management API, noun by noun: a room exports its own, and stands here. */
export const apiRoutes: readonly ApiRoute[] = [
  ...organizationRoutes,
  ...serviceAccountRoutes,
  ...credentialRoutes,
  ...groupRoutes,
  ...groupMemberRoutes,
  ...roleRoutes,
  ...bindingRoutes,
  ...resourceServerRoutes,
  ...principalRoutes,
  ...audienceApprovalRoutes,
  ...setupRoutes,
  ...sessionRoutes,
  ...meRoutes,
  ...applicationKeyRoutes,
  ...operatorRoutes,
  ...memberRoutes,
  ...invitationRoutes,
  ...invitationAcceptanceRoutes,
  ...signingKeyRoutes,
  ...auditEntryRoutes,
  ...auditCheckpointRoutes,
  ...deniedCallRoutes,
  ...tokenRefusalRoutes,
]

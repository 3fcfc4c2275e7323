import type { AudienceRefusal } from '../domain/api.ts'
import { isBelowIssuer } from '../domain/api.ts'
import type { AudienceApproval } from '../domain/audience-approval.ts'
import type { OperatorNeeded } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { AudienceApprovalId, OrganizationId } from '../domain/id.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import * as storage from '../storage/audience-approvals.ts'
import type { Page, PageAsked } from '../storage/page.ts'
import type { ConcernRefusal } from '../storage/transaction.ts'
import type { Act } from '../storage/tx.ts'
import { asOperator } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'
import { createdIn, unchanged } from './written.ts'

export type AudienceApprovalRefusal =
  | ConcernRefusal
  | OperatorNeeded
  | Extract<AudienceRefusal, { readonly reason: 'audience_reserved' }>
  | { readonly reason: 'audience_approval_unknown'; readonly approval: AudienceApprovalId }

type Outcome = Promise<Result<AudienceApproval, AudienceApprovalRefusal>>

/**
 * Lets an organization register an audience that is not below its own part of the issuer. It is not
 * taken by this: of two organizations that both may, the first one has it.
 */
export async function approveAudience(
  { db, random, issuer }: Pick<ManagementPorts, 'db' | 'random' | 'issuer'>,
  act: Act,
  { organization, audience }: Pick<AudienceApproval, 'organization' | 'audience'>,
): Outcome {
  return asOperator<AudienceApproval, AudienceApprovalRefusal>(
    db,
    organization,
    act,
    async (tx) => {
      if (isBelowIssuer(audience, issuer)) return refuse({ reason: 'audience_reserved', audience })
      const known = await storage.findAudienceApprovalOf(tx, organization, audience)
      if (known !== undefined) return unchanged(known)

      const { createdAt, createdBy } = createdIn(act)
      const id = random.id('audience_approval')
      const approval = { id, organization, audience, createdAt, createdBy }
      await storage.addAudienceApproval(tx, approval)
      return accept({
        value: approval,
        audit: [
          { kind: 'audience_approval.created', target: target(approval), after: { audience } },
        ],
        changes: [change(approval)],
      })
    },
  )
}

export async function showAudienceApproval(
  { db }: Pick<ManagementPorts, 'db'>,
  id: AudienceApprovalId,
): Promise<Result<AudienceApproval, AudienceApprovalRefusal>> {
  const approval = await storage.findAudienceApproval(db.management, id)
  return approval ? accept(approval) : unknown(id)
}

/** Those of all organizations. */
export async function listAudienceApprovals(
  { db }: Pick<ManagementPorts, 'db'>,
  asked: PageAsked<AudienceApprovalId> = {},
): Promise<Page<AudienceApproval, AudienceApprovalId>> {
  return storage.listAudienceApprovals(db.management, asked)
}

/** An API that was registered by it stays: whoever wants it gone removes it. */
export async function withdrawAudienceApproval(
  { db }: Pick<ManagementPorts, 'db'>,
  act: Act,
  id: AudienceApprovalId,
): Outcome {
  const seen = await storage.findAudienceApproval(db.management, id)
  if (seen === undefined) return unknown(id)
  return asOperator<AudienceApproval, AudienceApprovalRefusal>(
    db,
    seen.organization,
    act,
    async (tx) => {
      const approval = await storage.findAudienceApproval(tx, id)
      if (approval === undefined) return unknown(id)
      const { audience } = approval
      await storage.removeAudienceApproval(tx, approval)
      return accept({
        value: approval,
        audit: [
          { kind: 'audience_approval.removed', target: target(approval), before: { audience } },
        ],
        changes: [change(approval)],
      })
    },
  )
}

function unknown(approval: AudienceApprovalId) {
  return refuse({ reason: 'audience_approval_unknown', approval })
}

function target({ id }: AudienceApproval) {
  return { type: 'audience_approval', id }
}

/** No process remembers approvals; the change says only that the organization was written to. */
function change({ organization }: { readonly organization: OrganizationId }): Change {
  return { kind: 'organization', organization, subject: organization }
}

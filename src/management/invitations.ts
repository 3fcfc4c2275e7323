import type { PermissionMissing, PermissionNotHeld } from '../domain/authority.ts'
import { unlimited } from '../domain/authority.ts'
import type { GroupId, InvitationId, MemberId, OrganizationId, RoleId } from '../domain/id.ts'
import type { Invitation } from '../domain/invitation.ts'
import { linkLifetime, linkTo } from '../domain/link.ts'
import type { Email } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { hasEnded, later } from '../domain/time.ts'
import { findGroup } from '../storage/groups.ts'
import { listHoldingsOfGroup } from '../storage/holdings.ts'
import * as storage from '../storage/invitations.ts'
import { findMemberOf } from '../storage/members.ts'
import type { Page } from '../storage/page.ts'
import { findPersonByEmail } from '../storage/people.ts'
import { findRole } from '../storage/roles.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { whyNotGranting } from './given-access.ts'
import { whyNotGiven } from './giving.ts'
import type { Giver, NotPermitted } from './permitted.ts'
import { permitted } from './permitted.ts'
import type { PeoplePorts } from './ports.ts'
import type { Facts } from './written.ts'
import { createdIn, endFact } from './written.ts'

/** Of one organization, open at the same time. */
const invitationsMax = 1000
/** Given with one invitation. */
export const invitationRolesMax = 20
export const invitationGroupsMax = 20

type Needs = Pick<PeoplePorts, 'db'>

/** An invitation inside its organization. */
export type InvitationPlace = {
  readonly organization: OrganizationId
  readonly invitation: InvitationId
}

export type UnknownInvitation = {
  readonly reason: 'invitation_unknown'
  readonly invitation: InvitationId
}

/** Why what an invitation gives cannot be given. */
export type NotGivable =
  | PermissionNotHeld
  | { readonly reason: 'role_unknown'; readonly role: RoleId }
  | { readonly reason: 'group_unknown'; readonly group: GroupId }

export type InvitationRefusal =
  | NotPermitted
  | NotGivable
  | { readonly reason: 'member_exists'; readonly member: MemberId }
  | { readonly reason: 'invitation_exists'; readonly invitation: InvitationId }
  | { readonly reason: 'invitations_too_many'; readonly max: number }
  | { readonly reason: 'invitation_roles_too_many'; readonly max: number }
  | { readonly reason: 'invitation_groups_too_many'; readonly max: number }

export type InvitationCreation = Pick<Invitation, 'organization' | 'email' | 'roles' | 'groups'>

/** The link is nowhere else: it leaves in this one answer. */
export type CreatedInvitation = { readonly invitation: Invitation; readonly link: string }

/** Invites one person. Whether there is such a person already is not for whoever invites to know. */
export async function createInvitation(
  ports: Pick<PeoplePorts, 'db' | 'random' | 'tokens' | 'issuer'>,
  act: Act,
  input: InvitationCreation,
): Promise<Result<CreatedInvitation, InvitationRefusal>> {
  const { db, random, tokens, issuer } = ports
  const { organization, email } = input
  const asked = { organization, operation: 'createInvitation' } as const
  return permitted<CreatedInvitation, InvitationRefusal>(db, asked, act, async (tx, by) => {
    const before = await storage.findInvitationByEmail(tx, organization, email)
    // Whom nobody there could invite, an operator invites with whatever they are to have.
    const giver = by.mayAsOperator ? { ...by, authority: unlimited } : by
    const refusal = await whyRefused(tx, giver, { before, ...input })
    if (refusal) return refuse(refusal)

    if (before) await storage.removeInvitation(tx, before)
    const invitation: Invitation = {
      id: random.id('invitation'),
      organization,
      email,
      expiresAt: later(act.at, linkLifetime),
      roles: [...new Set(input.roles)].toSorted(),
      groups: [...new Set(input.groups)].toSorted(),
      ...createdIn(act),
    }
    const token = tokens.link()
    await storage.addInvitation(tx, invitation, tokens.hash(token))
    return accept({
      value: { invitation, link: linkTo(issuer, 'invitation', token) },
      audit: [{ kind: 'invitation.created', target: target(invitation), after: facts(invitation) }],
      changes: [change(invitation)],
    })
  })
}

/** The invitations that nobody has accepted yet; ended ones stay in the list for a while. */
export async function listInvitations(
  { db }: Needs,
  organization: OrganizationId,
  asked: storage.InvitationsAsked = {},
): Promise<Page<Invitation, InvitationId>> {
  return storage.listInvitations(db.management, organization, asked)
}

export async function showInvitation(
  { db }: Needs,
  { organization, invitation: id }: InvitationPlace,
): Promise<Result<Invitation, UnknownInvitation>> {
  const invitation = await storage.findInvitation(db.management, organization, id)
  return invitation ? accept(invitation) : refuse({ reason: 'invitation_unknown', invitation: id })
}

/** Withdraws an invitation: its link opens nothing any more. */
export async function removeInvitation(
  { db }: Needs,
  act: Act,
  { organization, invitation: id }: InvitationPlace,
): Promise<Result<Invitation, NotPermitted | UnknownInvitation>> {
  const asked = { organization, operation: 'removeInvitation' } as const
  return permitted<Invitation, UnknownInvitation>(db, asked, act, async (tx) => {
    const invitation = await storage.findInvitation(tx, organization, id)
    if (invitation === undefined) return refuse({ reason: 'invitation_unknown', invitation: id })
    await storage.removeInvitation(tx, invitation)
    return accept({
      value: invitation,
      audit: [
        { kind: 'invitation.removed', target: target(invitation), before: facts(invitation) },
      ],
      changes: [change(invitation)],
    })
  })
}

/**
 * Why these roles and groups cannot come from them: decided at the making and again at the use. It
 * takes the permissions that granting takes, too: to invite is not to grant.
 */
export async function whyNotInvited(
  tx: Tx,
  by: Giver,
  { organization, roles, groups }: Pick<Invitation, 'organization' | 'roles' | 'groups'>,
): Promise<NotGivable | PermissionMissing | undefined> {
  const notGranting = whyNotGranting(by, { roles, groups })
  if (notGranting) return notGranting
  for (const id of roles) {
    const role = await findRole(tx, organization, id)
    if (role === undefined) return { reason: 'role_unknown', role: id }
    const { permissions } = role
    const given = { permissions, resource: undefined, expiresAt: undefined }
    const refusal = whyNotGiven(by, [given])
    if (refusal) return refusal
  }
  for (const group of groups) {
    if (!(await findGroup(tx, organization, group))) return { reason: 'group_unknown', group }
    const refusal = whyNotGiven(by, await listHoldingsOfGroup(tx, organization, group))
    if (refusal) return refusal
  }
  return undefined
}

type Wanted = InvitationCreation & { readonly before: Invitation | undefined }

async function whyRefused(
  tx: Tx,
  by: Giver,
  wanted: Wanted,
): Promise<InvitationRefusal | undefined> {
  return (
    whyTooMany(wanted) ??
    (await whyNotNeeded(tx, by, wanted)) ??
    (await whyNotInvited(tx, by, wanted)) ??
    ((await storage.countInvitations(tx, wanted.organization, by.at)) < invitationsMax
      ? undefined
      : { reason: 'invitations_too_many', max: invitationsMax })
  )
}

function whyTooMany({ roles, groups }: Wanted): InvitationRefusal | undefined {
  if (roles.length > invitationRolesMax) {
    return { reason: 'invitation_roles_too_many', max: invitationRolesMax }
  }
  return groups.length > invitationGroupsMax
    ? { reason: 'invitation_groups_too_many', max: invitationGroupsMax }
    : undefined
}

async function whyNotNeeded(
  tx: Tx,
  { at }: Giver,
  { organization, email, before }: Wanted,
): Promise<InvitationRefusal | undefined> {
  if (before && !hasEnded(before.expiresAt, at)) {
    return { reason: 'invitation_exists', invitation: before.id }
  }
  const member = await findMemberByEmail(tx, organization, email)
  return member && { reason: 'member_exists', member: member.id }
}

async function findMemberByEmail(tx: Tx, organization: OrganizationId, email: Email) {
  const person = await findPersonByEmail(tx, email)
  return person && findMemberOf(tx, organization, person.id)
}

function target({ id }: Invitation) {
  return { type: 'invitation', id }
}

/** Nothing of an invitation is remembered; what tells of it is what tells of its organization's people. */
function change({ organization, id }: Invitation) {
  return { kind: 'person', organization, subject: id } as const
}

function facts({ email, roles, groups, expiresAt }: Invitation): Facts {
  return { email, roles, groups, expires_at: endFact(expiresAt) }
}

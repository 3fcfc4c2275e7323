import type { AuthorityInsufficient, PermissionNotHeld } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { Group } from '../domain/group.ts'
import type { GroupId, OrganizationId, PrincipalId } from '../domain/id.ts'
import type { Description, Name } from '../domain/name.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import type { GroupMember, GroupsAsked } from '../storage/groups.ts'
import * as storage from '../storage/groups.ts'
import { listHoldingsOfGroup } from '../storage/holdings.ts'
import type { Page, PageAsked } from '../storage/page.ts'
import { isPrincipal } from '../storage/service-accounts.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { whyNotGiven, whyNotTaken } from './giving.ts'
import type { NotPermitted, PermittedAct } from './permitted.ts'
import { permitted } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'
import type { Facts } from './written.ts'
import { createdIn, difference, unchanged } from './written.ts'

/** Groups of one principal: each is read with its token requests. */
export const groupsOfPrincipalMax = 100

/** Members of one group: as many as its removal can let go in one transaction, on slow machines too. */
export const membersOfGroupMax = 20_000

type Needs = Pick<ManagementPorts, 'db'>

/** A group inside its organization. */
export type GroupPlace = { readonly organization: OrganizationId; readonly group: GroupId }

/** A principal's place in a group. */
export type Membership = GroupPlace & { readonly principal: PrincipalId }

type UnknownGroup = { readonly reason: 'group_unknown'; readonly group: GroupId }

export type MembershipRefusal =
  | NotPermitted
  | PermissionNotHeld
  | AuthorityInsufficient
  | UnknownGroup
  | { readonly reason: 'principal_unknown'; readonly principal: PrincipalId }
  | { readonly reason: 'member_unknown'; readonly principal: PrincipalId; readonly group: GroupId }
  | { readonly reason: 'groups_too_many'; readonly max: number }
  | { readonly reason: 'members_too_many'; readonly max: number }

export type GroupRefusal =
  | NotPermitted
  | AuthorityInsufficient
  | VersionRefusal
  | UnknownGroup
  | { readonly reason: 'group_name_taken'; readonly name: Name }

type Outcome = Promise<Result<Group, GroupRefusal>>

export type GroupCreation = {
  readonly organization: OrganizationId
  readonly name: Name
  readonly description: Description
}

export async function createGroup(
  { db, random }: Pick<ManagementPorts, 'db' | 'random'>,
  act: Act,
  { organization, name, description }: GroupCreation,
): Outcome {
  const asked = { organization, operation: 'createGroup' } as const
  return permitted<Group, GroupRefusal>(db, asked, act, async (tx) => {
    if (await storage.findGroupByName(tx, organization, name)) {
      return refuse({ reason: 'group_name_taken', name })
    }
    const group: Group = {
      id: random.id('group'),
      organization,
      name,
      description,
      ...createdIn(act),
    }
    await storage.addGroup(tx, group)
    return accept({
      value: group,
      audit: [{ kind: 'group.created', target: target(group), after: facts(group) }],
      changes: [change(group)],
    })
  })
}

export async function listGroups(
  { db }: Needs,
  organization: OrganizationId,
  asked: GroupsAsked = {},
): Promise<Page<Group, GroupId>> {
  return storage.listGroups(db.management, organization, asked)
}

export async function showGroup(
  { db }: Needs,
  { organization, group: id }: GroupPlace,
): Promise<Result<Group, UnknownGroup>> {
  const group = await storage.findGroup(db.management, organization, id)
  return group === undefined ? unknown(id) : accept(group)
}

export async function listGroupMembers(
  { db: { management: db } }: Needs,
  { organization, group: id }: GroupPlace,
  asked: PageAsked<PrincipalId> = {},
): Promise<Result<Page<GroupMember, PrincipalId>, UnknownGroup>> {
  const group = await storage.findGroup(db, organization, id)
  return group ? accept(await storage.listGroupMembers(db, group, asked)) : unknown(id)
}

export type GroupChange = GroupPlace &
  Conditional & {
    readonly name?: Name | undefined
    readonly description?: Description | undefined
  }

export async function changeGroup({ db }: Needs, act: Act, input: GroupChange): Outcome {
  const { organization } = input
  const asked = { organization, operation: 'changeGroup' } as const
  return permitted<Group, GroupRefusal>(db, asked, act, async (tx) => {
    const before = await storage.findGroup(tx, organization, input.group)
    if (before === undefined) return unknown(input.group)
    const mismatch = whyMismatched(input, before)
    if (mismatch) return refuse(mismatch)
    const { name = before.name, description = before.description } = input
    const after = { ...before, name, description }
    const differing = difference(facts(before), facts(after))
    if (differing === undefined) return unchanged(before)
    const namesake = await storage.findGroupByName(tx, organization, name)
    if (namesake !== undefined && namesake.id !== before.id) {
      return refuse({ reason: 'group_name_taken', name })
    }
    const version = await storage.changeGroup(tx, after)
    return accept({
      value: { ...after, version },
      audit: [{ kind: 'group.changed', target: target(before), ...differing }],
      changes: [change(after)],
    })
  })
}

/**
 * Removes a group for good; its members lose what they held through it. One change tells it to all
 * of them: ids are never used again, so a member that is remembered with this group finds none.
 */
export async function removeGroup(
  { db }: Needs,
  act: Act,
  place: GroupPlace & Conditional,
): Outcome {
  const { organization, group: id } = place
  const asked = { organization, operation: 'removeGroup' } as const
  return permitted<Group, GroupRefusal>(db, asked, act, async (tx, by) => {
    const group = await storage.findGroup(tx, organization, id)
    if (group === undefined) return unknown(id)
    const mismatch = whyMismatched(place, group)
    if (mismatch) return refuse(mismatch)
    const carried = await listHoldingsOfGroup(tx, organization, id)
    const notTaken = await whyNotTaken(tx, by, carried, { organization, type: 'members', of: id })
    if (notTaken) return refuse(notTaken)
    const members = await storage.countGroupMembers(tx, group)
    await storage.removeGroup(tx, group)
    return accept({
      value: group,
      audit: [
        {
          kind: 'group.removed',
          target: target(group),
          before: { ...facts(group), members },
        },
      ],
      changes: [change(group)],
    })
  })
}

export async function addGroupMember(
  { db }: Needs,
  act: Act,
  membership: Membership,
): Promise<Result<Group, MembershipRefusal>> {
  const { organization } = membership
  const asked = { organization, operation: 'addGroupMember' } as const
  return permitted<Group, MembershipRefusal>(db, asked, act, async (tx, by) =>
    joinGroup(tx, by, membership),
  )
}

export async function removeGroupMember(
  { db }: Needs,
  act: Act,
  { organization, group: id, principal }: Membership,
): Promise<Result<Group, MembershipRefusal>> {
  const asked = { organization, operation: 'removeGroupMember' } as const
  return permitted<Group, MembershipRefusal>(db, asked, act, async (tx, by) => {
    const group = await storage.findGroup(tx, organization, id)
    if (group === undefined) return unknown(id)
    const groups = await storage.listGroupsOf(tx, organization, principal)
    if (!groups.some((other) => other.id === id)) {
      return refuse({ reason: 'member_unknown', principal, group: id })
    }
    const carried = await listHoldingsOfGroup(tx, organization, id)
    const from = { organization, type: 'principal', id: principal } as const
    const notTaken = await whyNotTaken(tx, by, carried, from)
    if (notTaken) return refuse(notTaken)
    await storage.removeGroupMember(tx, group, principal)
    return accept({
      value: group,
      audit: [{ kind: 'group.member_removed', target: target(group), before: { principal } }],
      changes: [ofPrincipal(organization, principal)],
    })
  })
}

/**
 * Puts a principal into a group, inside a transaction that holds the organization's lock, if `by` may
 * give what the members of the group hold.
 */
export async function joinGroup(
  tx: Tx,
  by: PermittedAct,
  { organization, group: id, principal }: Membership,
): Promise<Result<Written<Group>, MembershipRefusal>> {
  const group = await storage.findGroup(tx, organization, id)
  if (group === undefined) return unknown(id)
  if (!(await isPrincipal(tx, organization, principal))) {
    return refuse({ reason: 'principal_unknown', principal })
  }
  const groups = await storage.listGroupsOf(tx, organization, principal)
  if (groups.some((other) => other.id === id)) return unchanged(group)
  const notGiven = whyNotGiven(by, await listHoldingsOfGroup(tx, organization, id))
  if (notGiven) return refuse(notGiven)
  if (groups.length >= groupsOfPrincipalMax) {
    return refuse({ reason: 'groups_too_many', max: groupsOfPrincipalMax })
  }
  if ((await storage.countGroupMembers(tx, group)) >= membersOfGroupMax) {
    return refuse({ reason: 'members_too_many', max: membersOfGroupMax })
  }
  await storage.addGroupMember(tx, group, principal)
  return accept({
    value: group,
    audit: [{ kind: 'group.member_added', target: target(group), after: { principal } }],
    changes: [ofPrincipal(organization, principal)],
  })
}

function unknown(group: GroupId) {
  return refuse({ reason: 'group_unknown', group })
}

function target({ id, name }: Group) {
  return { type: 'group', id, name }
}

function change({ organization, id }: Group): Change {
  return { kind: 'group', organization, subject: id }
}

/** What a principal is in belongs to what is remembered of the principal. */
function ofPrincipal(organization: OrganizationId, subject: PrincipalId): Change {
  return { kind: 'principal', organization, subject }
}

function facts({ name, description }: Group): Facts {
  return { name, description }
}

import type { ServiceAccountId } from '../../src/domain/id.ts'
import type { MemberId, OrganizationId } from '../../src/domain/id.ts'
import { createApplicationKey } from '../../src/management/application-keys.ts'
import { approveAudience } from '../../src/management/audience-approvals.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import {
  accepted,
  audience,
  description,
  name,
  newAccount,
  newApi,
  newGroup,
  newMember,
  newOrganization,
  newRole,
} from '../management/desk.ts'
import { roleNamed } from '../support/operator.ts'
import { freshInvitation } from './invitation.ts'
import type { World } from './world.ts'

/** An organization with one of everything in it. */
export type Stage = {
  readonly world: World
  readonly organization: OrganizationId
  /** Another one, in which nobody is yet. */
  readonly elsewhere: OrganizationId
  /** What is there, by what stands for it in paths and bodies. */
  readonly ids: Readonly<Record<string, string>>
}

export async function stageOf(world: World): Promise<Stage> {
  const desk = world.desk()
  const { id: organization } = await newOrganization(desk)
  const { id: principal } = await newAccount(desk, { organization })
  const { id: member } = await newMember(desk, organization)
  const ids = {
    organization_id: organization,
    service_account_id: principal,
    principal_id: principal,
    credential_id: await freshCredential(world, organization, principal),
    group_id: (await newGroup(desk, organization)).id,
    role_id: (await newRole(desk, organization)).id,
    binding_id: (await freshBinding(world, organization)).id,
    api_id: (await newApi(desk, organization)).id,
    member_id: member,
    application_key_id: await freshKey(world, organization, member),
    audience_approval_id: await freshApproval(world, organization),
    invitation_id: (await freshInvitation({ world, organization })).id,
  }
  const { id: elsewhere } = await newOrganization(desk)
  return { world, organization, elsewhere, ids }
}

export async function freshCredential(
  world: World,
  organization: OrganizationId,
  principal: ServiceAccountId,
) {
  const desk = world.desk()
  const wanted = { organization, principal, name: name('fresh') }
  return accepted(await createClientSecret(desk, desk.act, wanted)).credential.id
}

async function freshKey(world: World, organization: OrganizationId, member: MemberId) {
  const desk = world.desk()
  const wanted = { organization, member, description: description('fresh') }
  return accepted(await createApplicationKey(desk, desk.act, wanted)).key.id
}

let audiencesMade = 0

/** An audience that nobody has. */
export function freshAudience(): string {
  audiencesMade += 1
  return `https://sample-${audiencesMade}.example.com`
}

export async function freshApproval(world: World, organization: OrganizationId) {
  const desk = world.desk()
  const wanted = { organization, audience: audience(freshAudience()) }
  return accepted(await approveAudience(desk, desk.act, wanted)).id
}

/** A role of its own that is granted to an account of its own. */
export async function freshBinding(world: World, organization: OrganizationId) {
  const desk = world.desk()
  const role = await roleNamed(desk, organization, 'Viewer')
  const { id } = await newAccount(desk, { organization })
  const subject = { type: 'principal', id } as const
  const wanted = { organization, role, subject }
  const binding = accepted(await createBinding(desk, desk.act, wanted))
  return { role, account: id, id: binding.id }
}

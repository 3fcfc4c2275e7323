import type { BindingId, OrganizationId, PersonId, PrincipalId } from '../../src/domain/id.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import type { BuiltInRole } from '../../src/domain/management-permission.ts'
import { builtInRoles, managementAudience } from '../../src/domain/management-permission.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import type { Desk } from '../management/desk.ts'
import { accepted, name, newAccount, newMember } from '../management/desk.ts'
import { deskOf, grant as grantAt, signedInHeaders, signIn as signInAt } from '../support/api.ts'
import { fetchToken } from '../support/fixtures.ts'
import type { TestHouse } from '../support/house.ts'
import type { Caller } from './call.ts'
import { bearer } from './call.ts'

/** A house, and whoever makes things in it without a request. */
export type World = TestHouse & { readonly desk: () => Desk }

export async function worldOf(house: TestHouse): Promise<World> {
  return { ...house, desk: await deskOf(house) }
}

/** Signs a person in at a browser that the pages of this server run in. */
export async function signIn(world: World, person: PersonId): Promise<Caller> {
  return signedInHeaders(world, await signInAt(world.desk(), person))
}

export type RoleName = keyof typeof builtInRoles

/** Grants a built-in role in the whole organization, for ever. */
export async function grant(
  { desk }: World,
  organization: OrganizationId,
  id: PrincipalId,
  { name: called }: Pick<BuiltInRole, 'name'>,
): Promise<BindingId> {
  return grantAt(desk(), { organization, id }, called)
}

export type SignedInMember = NamedMember & { readonly session: Caller }

/** A member who is signed in, with a built-in role or with none. */
export async function addMember(
  world: World,
  organization: OrganizationId,
  role?: RoleName,
  isOperator = false,
): Promise<SignedInMember> {
  const member = await newMember(world.desk(), organization, isOperator)
  if (role !== undefined) await grant(world, organization, member.id, builtInRoles[role])
  return { ...member, session: await signIn(world, member.person) }
}

/** An operator who is signed in, with no role in the organization that they are a member of. */
export async function addOperator(world: World, organization: OrganizationId) {
  return addMember(world, organization, undefined, true)
}

/** A service account with a token for the management API. */
export async function addMachine(world: World, organization: OrganizationId, role?: RoleName) {
  const account = await newAccount(world.desk(), { organization })
  if (role !== undefined) await grant(world, organization, account.id, builtInRoles[role])
  const { secret } = accepted(
    await createClientSecret(world.desk(), world.desk().act, {
      organization,
      principal: account.id,
      name: name('test'),
    }),
  )
  const client = { id: account.id, secret }
  return { ...account, client, token: async () => managementToken(world, client) }
}

export async function managementToken(
  world: World,
  client: Parameters<typeof fetchToken>[1],
): Promise<Caller> {
  await world.caughtUp()
  return bearer(await fetchToken(world, client, { resource: managementAudience(world.issuer) }))
}

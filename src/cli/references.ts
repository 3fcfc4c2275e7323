import { parseAudience } from '../domain/api.ts'
import type { Api } from '../domain/api.ts'
import type { CredentialRecord } from '../domain/credential.ts'
import type { Group } from '../domain/group.ts'
import { ownAudience } from '../domain/management-permission.ts'
import type { Id, Noun, OrganizationId, ServiceAccountId } from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import { parseName } from '../domain/name.ts'
import type { Organization } from '../domain/organization.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Role } from '../domain/role.ts'
import type { ServiceAccount } from '../domain/service-account.ts'
import * as apis from '../storage/apis.ts'
import * as credentials from '../storage/credentials.ts'
import * as groups from '../storage/groups.ts'
import * as organizations from '../storage/organizations.ts'
import * as roles from '../storage/roles.ts'
import * as accounts from '../storage/service-accounts.ts'
import type { CommandHouse } from './command-house.ts'
import type { CommandRefusal } from './refusal-text.ts'

// What people call a thing, and which thing it is. What has the form of an id is one.

type House = Pick<CommandHouse, 'db'>
type Found<Thing> = Promise<Result<Thing, CommandRefusal>>

/** Without a text: the only organization there is. */
export async function findOrganization(
  { db: { management: db } }: House,
  text: string | undefined,
): Found<Organization> {
  if (text !== undefined) {
    return byIdOrName('organization', text, {
      byId: async (id) => organizations.findOrganization(db, id),
      byName: async (name) => organizations.findOrganizationByName(db, name),
    })
  }
  const { items } = await organizations.listOrganizations(db)
  const [only, ...others] = items
  if (only !== undefined && others.length === 0) return accept(only)
  return refuse({ reason: 'organization_needed', names: items.map(({ name }) => name) })
}

export async function findAccount(
  { db: { management: db } }: House,
  organization: OrganizationId,
  text: string,
): Found<ServiceAccount> {
  return byIdOrName('service_account', text, {
    byId: async (id) => accounts.findServiceAccount(db, organization, id),
    byName: async (name) => accounts.findServiceAccountByName(db, organization, name),
  })
}

/** By its id, or by its name among those of one account. */
export async function findSecret(
  { db: { management: db } }: House,
  organization: OrganizationId,
  text: string,
  account: ServiceAccountId | undefined,
): Found<CredentialRecord> {
  const found = await byIdOrName('credential', text, {
    byId: async (id) => credentials.findCredential(db, organization, id),
    byName: async (name) => {
      if (account === undefined) return undefined
      const all = await credentials.listCredentials(db, organization, account)
      return all.find((credential) => credential.name === name)
    },
  })
  const isNameAlone = account === undefined && parseId('credential', text) === undefined
  if (found.ok || !isNameAlone) return found
  const problem = 'a secret is found by its id, or by its name together with --account'
  return refuse({ reason: 'usage_wrong', problems: [problem] })
}

export async function findGroup(
  { db: { management: db } }: House,
  organization: OrganizationId,
  text: string,
): Found<Group> {
  return byIdOrName('group', text, {
    byId: async (id) => groups.findGroup(db, organization, id),
    byName: async (name) => groups.findGroupByName(db, organization, name),
  })
}

export async function findRole(
  { db: { management: db } }: House,
  organization: OrganizationId,
  text: string,
): Found<Role> {
  return byIdOrName('role', text, {
    byId: async (id) => roles.findRole(db, organization, id),
    byName: async (name) => roles.findRoleByName(db, organization, name),
  })
}

/** Also by its audience. */
export async function findApi(
  { db: { management: db }, issuer = '' }: House & Pick<CommandHouse, 'issuer'>,
  organization: OrganizationId,
  text: string,
): Found<Api> {
  const named = parseAudience(text)
  const audience = named && ownAudience(issuer, named)
  const api = audience && (await apis.findApiByAudience(db, organization, audience))
  if (api) return accept(api)
  return byIdOrName('api', text, {
    byId: async (id) => apis.findApi(db, organization, id),
    byName: async (name) => apis.findApiByName(db, organization, name),
  })
}

/** The only API beside the management API, for a permission that names none. */
export async function findOnlyApi(
  { db: { management: db } }: House,
  organization: OrganizationId,
): Found<Api> {
  const { items } = await apis.listApis(db, organization)
  const [only, ...others] = items.filter(({ builtIn }) => !builtIn)
  if (only !== undefined && others.length === 0) return accept(only)
  const problem =
    only === undefined
      ? 'there is no API yet: countersign api create <audience> --name <name>'
      : 'there are several APIs: say whose a permission is, as in orders:read@Orders'
  return refuse({ reason: 'usage_wrong', problems: [problem] })
}

/** Finds each of several, or says which one there is not. */
export async function findEach<Reference, Thing>(
  references: readonly Reference[],
  find: (reference: Reference) => Found<Thing>,
): Found<readonly Thing[]> {
  const things: Thing[] = []
  for (const one of references) {
    const found = await find(one)
    if (!found.ok) return found
    things.push(found.value)
  }
  return accept(things)
}

const words: Readonly<Record<Noun, string>> = {
  organization: 'organization',
  service_account: 'service account',
  member: 'member',
  group: 'group',
  role: 'role',
  api: 'API',
  binding: 'granted role',
  credential: 'secret',
  application_key: 'application key',
  person: 'person',
  invitation: 'invitation',
  session: 'session',
  audience_approval: 'approval of an audience',
}

async function byIdOrName<N extends Noun, Thing>(
  noun: N,
  text: string,
  find: {
    readonly byId: (id: Id<N>) => Promise<Thing | undefined>
    readonly byName: (name: Name) => Promise<Thing | undefined>
  },
): Found<Thing> {
  const id = parseId(noun, text)
  const name = parseName(text)
  const byName = async () => (name === undefined ? undefined : find.byName(name))
  const thing = id === undefined ? await byName() : await find.byId(id)
  return thing === undefined
    ? refuse({ reason: 'nothing_named', noun: words[noun], text })
    : accept(thing)
}

import type { AccessSources } from '../domain/access.ts'
import { accessSources, effectiveAccess, reachableAudiences } from '../domain/access.ts'
import type { ApiTerms, Audience } from '../domain/api.ts'
import { parseAudience } from '../domain/api.ts'
import { unreachable } from '../domain/brand.ts'
import type { LoggedChange } from '../domain/change.ts'
import type { Client } from '../domain/client.ts'
import { isTakenBy } from '../domain/client.ts'
import type { GroupTerms } from '../domain/group.ts'
import type { ClientId, GroupId, OrganizationId, RoleId } from '../domain/id.ts'
import { parseClientId, parseId } from '../domain/id.ts'
import type { OrganizationTerms } from '../domain/organization.ts'
import { managementApi, managementApiTerms } from '../domain/management-permission.ts'
import type { RoleTerms } from '../domain/role.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Clients, Reach } from '../ports/clients.ts'
import type { RememberedKind, RememberedVitals } from '../ports/vitals.ts'
import type { AccessMemo } from './access-memo.ts'
import { accessMemo } from './access-memo.ts'
import type { ReadThrough } from './read-through.ts'
import { readThrough } from './read-through.ts'

/** Where clients are read from when they are not remembered. */
export type ClientSource = {
  readonly client: (id: ClientId) => Promise<Client | undefined>
  readonly group: (id: GroupId) => Promise<GroupTerms | undefined>
  readonly role: (id: RoleId) => Promise<RoleTerms | undefined>
  readonly api: (audience: Audience) => Promise<ApiTerms | undefined>
  readonly organization: (id: OrganizationId) => Promise<OrganizationTerms | undefined>
}

export type RememberedClients = Clients & {
  /** Forgets what a change of one of the kinds that clients are made of makes untrue. */
  readonly apply: (change: ClientChange) => void
  readonly clear: () => void
  readonly vitals: () => Readonly<Record<RememberedKind, RememberedVitals>>
}

export type ClientChange = Omit<LoggedChange, 'kind'> & {
  readonly kind: Exclude<LoggedChange['kind'], 'signing_key' | 'person' | 'server' | 'unknown'>
}

type Options = {
  readonly source: ClientSource
  readonly isFresh: () => boolean
  /** Clients remembered; of each shared kind (groups, roles, APIs, organizations) a tenth of that. */
  readonly clientsMax: number
}

/**
 * The clients as a process remembers them. A client's own rows are one entry; what clients share is
 * an entry of its own, so that a change of a role that 100,000 of them hold forgets one thing.
 */
export function rememberedClients(options: Options): RememberedClients {
  const entries = entriesOf(options)
  const { clients, organizations } = entries
  const memo = accessMemo()
  let version = 0

  const clear = (): void => {
    version += 1
    Object.values(entries).forEach((kind) => kind.clear())
    memo.forgetAll()
  }
  return {
    peek: clients.peek,
    find: clients.getAnew,
    organizationOf: async (client) => organizations.get(client.organization),
    reach: async (client, audience, now) =>
      memo.get(client, audience, now) ?? gather(entries, memo, client, { audience, now }),
    audiencesOf: async (client) => [...reachableAudiences(await sourcesOf(entries, client))],
    version: () => version,
    isCurrent: (client, reach) =>
      clients.isCurrent(client.id, client) && memo.isCurrent(client, reach),
    apply: (change) => {
      version += 1
      if (!evict(entries, change)) return clear()
      if (change.kind === 'principal') return undefined
      Object.values(entries).forEach((kind) => kind.markAll())
      return memo.forgetAll()
    },
    clear,
    vitals: () => vitalsOf(entries),
  }
}

type Entries = {
  readonly clients: ReadThrough<ClientId, Client>
  readonly groups: ReadThrough<GroupId, GroupTerms>
  readonly roles: ReadThrough<RoleId, RoleTerms>
  readonly apis: ReadThrough<Audience, ApiTerms>
  readonly organizations: ReadThrough<OrganizationId, OrganizationTerms>
}

const absentMax = 10_000
const sharedEntriesMin = 100

function entriesOf({ source, isFresh, clientsMax }: Options): Entries {
  const own = { entriesMax: clientsMax, absentMax, isFresh }
  const shared = { ...own, entriesMax: Math.max(sharedEntriesMin, Math.ceil(clientsMax / 10)) }
  return {
    clients: readThrough({ ...own, load: source.client, isSame }),
    // A group that a client was in and that is gone never comes back: ids are not used again.
    groups: readThrough({ ...shared, load: source.group, isFresh: () => true }),
    roles: readThrough({ ...shared, load: source.role }),
    apis: readThrough({ ...shared, load: source.api }),
    organizations: readThrough({ ...shared, load: source.organization }),
  }
}

function vitalsOf({ clients, groups, roles, apis, organizations }: Entries) {
  return {
    client: clients.vitals(),
    group: groups.vitals(),
    role: roles.vitals(),
    api: apis.vitals(),
    organization: organizations.vitals(),
  }
}

/** Clients are plain values, and their lists come in a fixed order. */
function isSame(known: Client, found: Client): boolean {
  return JSON.stringify(known) === JSON.stringify(found)
}

/** Forgets the entry a change is about; says whether this program could tell which one that is. */
function evict(entries: Entries, { kind, subject }: ClientChange): boolean {
  switch (kind) {
    case 'principal':
      return evictPrincipal(entries.clients, subject)
    case 'group':
      return evictFrom(entries.groups, parseId('group', subject))
    case 'role':
      return evictFrom(entries.roles, parseId('role', subject))
    case 'api':
      return evictFrom(entries.apis, parseAudience(subject))
    case 'organization':
      return evictFrom(entries.organizations, parseId('organization', subject))
    default:
      return unreachable(kind)
  }
}

/** A change of a member is one of all their application keys, also of those being loaded. */
function evictPrincipal(clients: Entries['clients'], subject: string): boolean {
  const member = parseId('member', subject)
  if (member === undefined) return evictFrom(clients, parseClientId(subject))
  clients.evictWhere(({ principal }) => principal === member)
  return true
}

function evictFrom<Key, Value>(kind: ReadThrough<Key, Value>, key: Key | undefined): boolean {
  if (key === undefined) return false
  kind.evict(key)
  return true
}

const gatherTriesMax = 3

/**
 * Gathers what an answer is made of. If something shared changed meanwhile, the parts may be of
 * different moments: they are gathered again, and an answer that is still mixed is not remembered.
 */
async function gather(
  entries: Entries,
  memo: AccessMemo,
  client: Client,
  { audience, now }: { readonly audience: Audience; readonly now: NumericDate },
): Promise<Reach | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const before = memo.version()
    const api =
      audience === managementApi.audience
        ? managementApiTerms(client.organization)
        : await entries.apis.get(audience)
    if (api === undefined || !isTakenBy(api, client)) return undefined
    const sources = await sourcesOf(entries, client)
    const reach = { api, access: effectiveAccess(sources, audience, now) }
    if (before === memo.version()) return memo.set(client, reach)
    if (attempt === gatherTriesMax) return reach
  }
}

async function sourcesOf(
  { groups, roles }: Pick<Entries, 'groups' | 'roles'>,
  client: Client,
): Promise<AccessSources> {
  return accessSources(client, { group: groups.get, role: roles.get })
}

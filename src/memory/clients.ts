import type { AccessSources } from '../domain/access.ts'
import { effectiveAccess, reachableAudiences } from '../domain/access.ts'
import type { ApiTerms, Audience } from '../domain/api.ts'
import { parseAudience } from '../domain/api.ts'
import { unreachable } from '../domain/brand.ts'
import type { LoggedChange } from '../domain/change.ts'
import type { Client } from '../domain/client.ts'
import type { GroupTerms } from '../domain/group.ts'
import type { ClientId, GroupId, OrganizationId, RoleId } from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import type { OrganizationTerms } from '../domain/organization.ts'
import type { RoleTerms } from '../domain/role.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded } from '../domain/time.ts'
import type { Clients, Reach } from '../ports/clients.ts'
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
  readonly apply: (change: LoggedChange) => void
  readonly clear: () => void
}

type Options = {
  readonly source: ClientSource
  readonly isFresh: () => boolean
  /** Clients remembered; of each shared kind (groups, roles, APIs, organizations) a tenth of that. */
  readonly clientsMax: number
}

const absentMax = 10_000
const gatherTriesMax = 3

/**
 * The clients as a process remembers them. A client's own rows are one entry; what clients share is
 * an entry of its own, so that a change of a role that 100,000 of them hold forgets one thing.
 */
export function rememberedClients({ source, isFresh, clientsMax }: Options): RememberedClients {
  const own = { entriesMax: clientsMax, absentMax, isFresh }
  const shared = { ...own, entriesMax: Math.max(100, Math.ceil(clientsMax / 10)) }
  const clients = readThrough<ClientId, Client>({ ...own, load: source.client, isSame })
  const groups = readThrough<GroupId, GroupTerms>({ ...shared, load: source.group })
  const roles = readThrough<RoleId, RoleTerms>({ ...shared, load: source.role })
  const apis = readThrough<Audience, ApiTerms>({ ...shared, load: source.api })
  const organizations = readThrough<OrganizationId, OrganizationTerms>({
    ...shared,
    load: source.organization,
  })
  const all = [clients, groups, roles, apis, organizations]
  const reaches = reachMemo()
  let version = 0

  const sharedChanged = <Key, Value>(kind: ReadThrough<Key, Value>, key: Key): void => {
    kind.evict(key)
    all.forEach((each) => each.markAll())
    reaches.forget()
  }
  const clear = (): void => {
    version += 1
    all.forEach((each) => each.clear())
    reaches.forget()
  }

  /**
   * Gathers what an answer is made of. If something shared changed meanwhile, the parts may be of
   * different moments: they are gathered again, and an answer that is still mixed is not remembered.
   */
  const reach = async (client: Client, audience: Audience, now: NumericDate) => {
    const known = reaches.get(client, audience, now)
    if (known !== undefined) return known
    for (let attempt = 1; ; attempt += 1) {
      const before = reaches.version()
      const api = await apis.get(audience)
      if (api?.organization !== client.organization) return undefined
      const sources = await sourcesOf({ groups, roles }, client)
      const found = { api, access: effectiveAccess(sources, audience, now) }
      if (before === reaches.version()) return reaches.set(client, found)
      if (attempt === gatherTriesMax) return found
    }
  }

  return {
    find: async (id) => clients.get(id),
    findAnew: async (id) => clients.getAnew(id),
    organizationOf: async (client) => organizations.get(client.organization),
    reach,
    audiencesOf: async (client) => [
      ...reachableAudiences(await sourcesOf({ groups, roles }, client)),
    ],
    version: () => version,
    isCurrent: (client, found) =>
      clients.isCurrent(client.id, client) && reaches.isCurrent(client, found),
    apply: (change) => {
      version += 1
      const known = changedKey(change)
      switch (known?.kind) {
        case 'principal':
          return clients.evict(known.key)
        case 'group':
          return sharedChanged(groups, known.key)
        case 'role':
          return sharedChanged(roles, known.key)
        case 'api':
          return sharedChanged(apis, known.key)
        case 'organization':
          return sharedChanged(organizations, known.key)
        case undefined:
          return clear()
        default:
          return unreachable(known)
      }
    },
    clear,
  }
}

/** Clients are plain values, and their lists come in a fixed order. */
function isSame(known: Client, found: Client): boolean {
  return JSON.stringify(known) === JSON.stringify(found)
}

type ChangedKey =
  | { readonly kind: 'principal'; readonly key: ClientId }
  | { readonly kind: 'group'; readonly key: GroupId }
  | { readonly kind: 'role'; readonly key: RoleId }
  | { readonly kind: 'api'; readonly key: Audience }
  | { readonly kind: 'organization'; readonly key: OrganizationId }

/** What a change makes untrue; `undefined` if this program cannot tell, and must drop everything. */
function changedKey({ kind, subject }: LoggedChange): ChangedKey | undefined {
  switch (kind) {
    case 'principal':
      return withKey(kind, parseId('service_account', subject))
    case 'group':
      return withKey(kind, parseId('group', subject))
    case 'role':
      return withKey(kind, parseId('role', subject))
    case 'api':
      return withKey(kind, parseAudience(subject))
    case 'organization':
      return withKey(kind, parseId('organization', subject))
    case 'signing_key':
    case 'unknown':
      return undefined
    default:
      return unreachable(kind)
  }
}

function withKey<Kind, Key>(
  kind: Kind,
  key: Key | undefined,
): { kind: Kind; key: Key } | undefined {
  return key === undefined ? undefined : { kind, key }
}

type SharedKinds = {
  readonly groups: ReadThrough<GroupId, GroupTerms>
  readonly roles: ReadThrough<RoleId, RoleTerms>
}

/** Gathers the groups and roles of a client, those of its own organization only. */
async function sourcesOf({ groups, roles }: SharedKinds, client: Client): Promise<AccessSources> {
  const isOwn = <Terms extends { readonly organization: OrganizationId }>(
    terms: Terms | undefined,
  ): terms is Terms => terms?.organization === client.organization

  const ownGroups = (await Promise.all(client.groups.map((id) => groups.get(id)))).filter(isOwn)
  const bindings = [...client.bindings, ...ownGroups.flatMap((group) => group.bindings)]
  const roleIds = [...new Set(bindings.map(({ role }) => role))]
  const ownRoles = (await Promise.all(roleIds.map((id) => roles.get(id)))).filter(isOwn)
  return {
    bindings: client.bindings,
    groups: ownGroups,
    roles: new Map(ownRoles.map((role) => [role.id, role])),
  }
}

/**
 * Access is worked out once and remembered with the version of everything shared. It goes with the
 * client's entry (the map is weak), with any change of anything shared, and with the end of a binding.
 */
function reachMemo() {
  type Memo = { readonly version: number; readonly reach: Reach }
  const memos = new WeakMap<Client, Map<Audience, Memo>>()
  let version = 0
  const current = (client: Client, audience: Audience): Reach | undefined => {
    const memo = memos.get(client)?.get(audience)
    return memo?.version === version ? memo.reach : undefined
  }
  return {
    version: () => version,
    forget: () => void (version += 1),
    get: (client: Client, audience: Audience, now: NumericDate): Reach | undefined => {
      const reach = current(client, audience)
      return reach === undefined || hasEnded(reach.access.changesAt, now) ? undefined : reach
    },
    set: (client: Client, reach: Reach): Reach => {
      const ofClient = memos.get(client) ?? new Map<Audience, Memo>()
      memos.set(client, ofClient.set(reach.api.audience, { version, reach }))
      return reach
    },
    isCurrent: (client: Client, reach: Reach): boolean =>
      current(client, reach.api.audience) === reach,
  }
}

/**
 * Who holds what in an organization, worked out from its rows by other means than the program's: what
 * the property about escalation is judged by.
 */
import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type { Actor } from '../../../src/domain/audit.ts'
import type {
  BindingId,
  CredentialId,
  GroupId,
  OrganizationId,
  PrincipalId,
  RoleId,
  ServiceAccountId,
} from '../../../src/domain/id.ts'
import type { ApiId } from '../../../src/domain/id.ts'
import type { Permission } from '../../../src/domain/permission.ts'
import type { NumericDate } from '../../../src/domain/time.ts'
import type { Desk } from '../desk.ts'

type End = NumericDate | null

/** The rows of one organization. */
export type Rows = {
  readonly disabled: boolean
  readonly principals: readonly {
    readonly id: PrincipalId
    readonly kind: string
    readonly disabled: boolean
    readonly end: End
  }[]
  readonly accounts: readonly ServiceAccountId[]
  readonly groups: readonly GroupId[]
  readonly inGroups: readonly { readonly principal: PrincipalId; readonly group: GroupId }[]
  readonly roles: readonly {
    readonly id: RoleId
    readonly builtIn: boolean
    readonly name: string
  }[]
  readonly apis: readonly { readonly id: ApiId; readonly builtIn: boolean }[]
  readonly permissions: readonly {
    readonly role: RoleId
    readonly api: ApiId
    readonly audience: string
    readonly permission: Permission
  }[]
  readonly offered: readonly { readonly api: ApiId; readonly permission: Permission }[]
  readonly bindings: readonly {
    readonly id: BindingId
    readonly role: RoleId
    readonly principal: PrincipalId | null
    readonly group: GroupId | null
    readonly resource: string | null
    readonly end: End
  }[]
  readonly credentials: readonly {
    readonly id: CredentialId
    readonly principal: PrincipalId
    readonly disabled: boolean
    readonly end: End
  }[]
}

export async function textOf(
  { db }: Pick<Desk, 'db'>,
  organization: OrganizationId,
): Promise<string> {
  const own = sql`organization_id = ${organization}`
  const { rows } = await sql<{ text: string }>`select json_build_object(
    'disabled', (select disabled_at is not null from organization where id = ${organization}),
    'principals', ${list(sql`select p.id, p.kind, a.disabled_at is not null as disabled,
      ${seconds('a.expires_at')} as end from principal p left join service_account a on a.id = p.id
      where p.${own} order by p.id`)},
    'accounts', (select coalesce(json_agg(id order by id), '[]') from service_account where ${own}),
    'groups', (select coalesce(json_agg(id order by id), '[]') from principal_group where ${own}),
    'inGroups', ${list(sql`select principal_id as principal, group_id as group from group_member
      where ${own} order by 1, 2`)},
    'roles', ${list(sql`select id, built_in as "builtIn", name from role where ${own} order by id`)},
    'apis', ${list(sql`select id, built_in as "builtIn" from api where ${own} order by id`)},
    'permissions', ${list(sql`select h.role_id as role, h.api_id as api, a.audience, h.permission
      from role_permission h join api a on a.id = h.api_id where h.${own} order by 1, 2, 4`)},
    'offered', ${list(sql`select api_id as api, permission from api_permission
      where ${own} order by 1, 2`)},
    'bindings', ${list(sql`select id, role_id as role, principal_id as principal, group_id as group,
      resource, ${seconds('expires_at')} as end from binding where ${own} order by id`)},
    'credentials', ${list(sql`select id, principal_id as principal, disabled_at is not null as disabled,
      ${seconds('expires_at')} as end from credential where ${own} order by id`)}
  )::text as text`.execute(db.management)
  return rows[0]?.text ?? ''
}

function seconds(column: string): RawBuilder<unknown> {
  return sql`floor(extract(epoch from ${sql.ref(column)}))::bigint`
}

function list(query: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select coalesce(json_agg(x), '[]') from (${query}) x)`
}

/** Until when each right is held, by `audience permission resource`; nothing that has ended. */
export type Rights = Map<string, number>

const everywhere = ''
const management = '/api'

export function held(rows: Rows, principal: PrincipalId, now: number): Rights {
  const rights: Rights = new Map()
  for (const { role, resource, end } of bindingsOf(rows, principal)) {
    const until = end ?? Infinity
    if (until <= now) continue
    for (const { audience, permission } of rows.permissions.filter((one) => one.role === role)) {
      const key = `${audience} ${permission} ${resource ?? everywhere}`
      rights.set(key, Math.max(rights.get(key) ?? 0, until))
    }
  }
  return rights
}

function bindingsOf(rows: Rows, principal: PrincipalId): Rows['bindings'] {
  const theirs = rows.inGroups.filter((one) => one.principal === principal)
  const groups = new Set(theirs.map(({ group }) => group))
  return rows.bindings.filter(
    (one) => one.principal === principal || (one.group !== null && groups.has(one.group)),
  )
}

export function upTo(rights: Rights, end: number, now: number): Rights {
  const all = [...rights].map(([key, until]) => [key, Math.min(until, end)] as const)
  return new Map(all.filter(([, until]) => until > now))
}

/** What somebody may act on: what they hold, in person or in the hands of their token. */
export function word(rows: Rows, actor: Actor, now: number): Rights {
  const principal = rows.principals.find(({ id }) => id === actor.id)
  const isAway = principal === undefined || principal.disabled || (principal.end ?? Infinity) <= now
  if (isAway || rows.disabled) return new Map()
  const rights = upTo(held(rows, principal.id, now), principal.end ?? Infinity, now)
  if (!('by' in actor) || actor.by.type !== 'token') return rights
  const { scope } = actor.by
  const inHand = [...rights].filter(([key]) => {
    const [audience, permission, resource] = key.split(' ')
    if (audience !== management) return true
    return resource === everywhere && scope.some((one) => one === permission)
  })
  return new Map(inHand)
}

/** Until when they hold all of the management API, as Owners do. */
export function ownerUntil(rights: Rights, allOfManagement: readonly string[]): number {
  return Math.min(
    ...allOfManagement.map((one) => rights.get(`${management} ${one} ${everywhere}`) ?? 0),
  )
}

/** Until when a right is held: on the whole organization, or there. */
export function heldUntil(rights: Rights, key: string): number {
  const [audience, permission] = key.split(' ')
  return Math.max(rights.get(`${audience} ${permission} ${everywhere}`) ?? 0, rights.get(key) ?? 0)
}

export function ofManagement(rights: Rights): Rights {
  return new Map([...rights].filter(([key]) => key.startsWith(`${management} `)))
}

/** Members with a direct, endless, organization-wide binding of the built-in Owner role. */
export function owners(rows: Rows): readonly PrincipalId[] {
  const owner = rows.roles.find(({ builtIn, name }) => builtIn && name === 'Owner')?.id
  return rows.principals
    .filter(({ kind }) => kind === 'member')
    .map(({ id }) => id)
    .filter((id) =>
      rows.bindings.some(
        ({ principal, role, resource, end }) =>
          principal === id && role === owner && resource === null && end === null,
      ),
    )
}

/** The ways in: what can be reached with each credential that works, and until when. */
export function waysIn(rows: Rows, now: number): Map<CredentialId, number> {
  const ways = new Map<CredentialId, number>()
  for (const { id, principal, disabled, end } of rows.credentials) {
    const holder = rows.principals.find((one) => one.id === principal)
    if (disabled || holder === undefined || holder.disabled) continue
    const until = Math.min(end ?? Infinity, holder.end ?? Infinity)
    if (until > now) ways.set(id, until)
  }
  return ways
}

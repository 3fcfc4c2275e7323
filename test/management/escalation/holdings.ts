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
  InvitationId,
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
  /** Those that are open, and who made them. */
  readonly invitations: readonly { readonly id: InvitationId; readonly by: string }[]
}

/** A part of the rows. Calls touch few of them, and those alone are read again. */
export type Part = keyof Rows

export async function rowsOf(desk: Pick<Desk, 'db'>, organization: OrganizationId): Promise<Rows> {
  return JSON.parse(await textOf(desk, organization))
}

export async function partsOf(
  desk: Pick<Desk, 'db'>,
  organization: OrganizationId,
  parts: readonly Part[],
): Promise<Partial<Rows>> {
  return parts.length === 0 ? {} : JSON.parse(await textOf(desk, organization, parts))
}

/** What is in the rows, as one text: the same text is the same organization. */
export async function textOf(
  { db }: Pick<Desk, 'db'>,
  organization: OrganizationId,
  parts = Object.keys(queries) as readonly Part[],
): Promise<string> {
  const fields = parts.flatMap((part) => [sql.lit(part), queries[part](organization)])
  const { rows } = await sql<{ text: string }>`
    select json_build_object(${sql.join(fields)})::text as text`.execute(db.management)
  return rows[0]?.text ?? ''
}

const queries: Readonly<Record<Part, (organization: OrganizationId) => RawBuilder<unknown>>> = {
  disabled: (of) => sql`(select disabled_at is not null from organization where id = ${of})`,
  principals: (of) =>
    list(sql`select p.id, p.kind, a.disabled_at is not null as disabled,
      ${seconds('a.expires_at')} as end from principal p left join service_account a on a.id = p.id
      where p.organization_id = ${of} order by p.id`),
  accounts: (of) =>
    sql`(select coalesce(json_agg(id order by id), '[]') from service_account
      where organization_id = ${of})`,
  groups: (of) =>
    sql`(select coalesce(json_agg(id order by id), '[]') from principal_group
      where organization_id = ${of})`,
  inGroups: (of) =>
    list(sql`select principal_id as principal, group_id as group from group_member
      where organization_id = ${of} order by 1, 2`),
  roles: (of) =>
    list(sql`select id, built_in as "builtIn", name from role
      where organization_id = ${of} order by id`),
  apis: (of) =>
    list(sql`select id, built_in as "builtIn" from api where organization_id = ${of} order by id`),
  permissions: (of) =>
    list(sql`select h.role_id as role, h.api_id as api, a.audience, h.permission
      from role_permission h join api a on a.id = h.api_id
      where h.organization_id = ${of} order by 1, 2, 4`),
  offered: (of) =>
    list(sql`select api_id as api, permission from api_permission
      where organization_id = ${of} order by 1, 2`),
  bindings: (of) =>
    list(sql`select id, role_id as role, principal_id as principal, group_id as group,
      resource, ${seconds('expires_at')} as end from binding
      where organization_id = ${of} order by id`),
  credentials: (of) =>
    list(sql`select id, principal_id as principal, disabled_at is not null as disabled,
      ${seconds('expires_at')} as end from credential where organization_id = ${of} order by id`),
  invitations: (of) =>
    list(sql`select id, created_by_id as by from invitation
      where organization_id = ${of} order by id`),
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
  return new Map([...everHeld(rows, principal)].filter(([, until]) => until > now))
}

const known = new WeakMap<Rows, Map<PrincipalId, Rights>>()

/** All that the rows give somebody, what has ended among it. Worked out once for the same rows. */
function everHeld(rows: Rows, principal: PrincipalId): Rights {
  const ofRows = known.get(rows) ?? new Map<PrincipalId, Rights>()
  known.set(rows, ofRows)
  const rights = ofRows.get(principal) ?? rightsOf(rows, principal)
  ofRows.set(principal, rights)
  return rights
}

function rightsOf(rows: Rows, principal: PrincipalId): Rights {
  const rights: Rights = new Map()
  for (const { role, resource, end } of bindingsOf(rows, principal)) {
    const until = end ?? Infinity
    for (const { audience, permission } of rows.permissions.filter((one) => one.role === role)) {
      const key = `${audience} ${permission} ${resource ?? everywhere}`
      rights.set(key, Math.max(rights.get(key) ?? 0, until))
    }
  }
  return rights
}

/** Those to whom the rows give something else than before: nobody else gains or loses. */
export function altered(before: Rows, after: Rows): readonly PrincipalId[] {
  return after.principals
    .map(({ id }) => id)
    .filter((id) => !isSame(everHeld(before, id), everHeld(after, id)))
}

function isSame(some: Rights, others: Rights): boolean {
  return some.size === others.size && [...some].every(([key, end]) => others.get(key) === end)
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

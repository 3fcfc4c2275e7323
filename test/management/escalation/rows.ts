/** The rows of an organization, read by other means than the program's. */
import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type {
  ApplicationKeyId,
  BindingId,
  CredentialId,
  GroupId,
  InvitationId,
  MemberId,
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
  readonly keys: readonly {
    readonly id: ApplicationKeyId
    readonly member: MemberId
    readonly disabled: boolean
    readonly end: End
  }[]
  /** Those that are open, who made them, and what they give. */
  readonly invitations: readonly {
    readonly id: InvitationId
    readonly by: string
    readonly roles: readonly RoleId[]
    readonly groups: readonly GroupId[]
  }[]
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
  keys: (of) =>
    list(sql`select id, member_id as member, disabled_at is not null as disabled,
      ${seconds('expires_at')} as end from application_key
      where organization_id = ${of} order by id`),
  invitations: (of) =>
    list(sql`select i.id, i.created_by_id as by,
        array(select role_id from invitation_role where invitation_id = i.id order by 1) as roles,
        array(select group_id from invitation_group where invitation_id = i.id order by 1) as groups
      from invitation i where i.organization_id = ${of} order by i.id`),
}

function seconds(column: string): RawBuilder<unknown> {
  return sql`floor(extract(epoch from ${sql.ref(column)}))::bigint`
}

function list(query: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select coalesce(json_agg(x), '[]') from (${query}) x)`
}

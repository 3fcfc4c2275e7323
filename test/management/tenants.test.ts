import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { accept } from '../../src/domain/result.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import {
  accepted,
  inBulk,
  name,
  newAccount,
  newApi,
  newGroup,
  newMember,
  newOrganization,
  newRole,
  useDesk,
} from './desk.ts'

// The last line: whatever the program above forgets to check, the database does not store a reference
// from one organization to another. One statement for each foreign key between tenants' rows.

const desk = useDesk()

async function furnished() {
  const { id: organization } = await newOrganization(desk())
  const api = await newApi(desk(), organization, ['a:read'])
  const role = await newRole(desk(), organization, [[api, 'a:read']])
  const group = await newGroup(desk(), organization)
  const account = await newAccount(desk(), { organization })
  const input = { organization, principal: account.id, name: name('one') }
  const { credential } = accepted(await createClientSecret(desk(), desk().act, input))
  const member = await newMember(desk(), organization)
  const invitation = desk().random.id('invitation')
  await inBulk(
    desk(),
    organization,
    1,
    (series, now) => sql`
      insert into invitation (organization_id, id, email, token_hash, expires_at, created_at,
        created_by_id, created_by_name)
      select ${organization}, ${invitation}, 'x@example.com', ${Buffer.from(invitation)},
        '2030-01-02T00:00:00Z', ${now} from ${series}`,
  )
  return { organization, api, role, group, account, credential, member, invitation }
}

type Furnished = Awaited<ReturnType<typeof furnished>>
let mine: Furnished
let theirs: Furnished

beforeAll(async () => {
  mine = await furnished()
  theirs = await furnished()
})

const madeNow = sql`'2030-01-01T00:00:00Z', 'operator:ada', 'ada'`

/** References from my organization's rows to theirs, and the constraint that each one breaks. */
const references = {
  'a credential to a principal': () => sql`
    insert into credential (organization_id, id, principal_id, kind, name, created_at,
      created_by_id, created_by_name)
    values (${mine.organization}, 'crd_x', ${theirs.account.id}, 'later', 'x', ${madeNow})`,
  'a credential, moved to another principal': () => sql`
    update credential set principal_id = ${theirs.account.id} where id = ${mine.credential.id}`,
  'an application key to a member': () => sql`
    insert into application_key (organization_id, id, member_id, description, handle, hash,
      created_at, created_by_id, created_by_name)
    values (${mine.organization}, 'key_x', ${theirs.member.id}, '', 'x', 'x', ${madeNow})`,
  // To one that is no account yet: of two accounts with one id the id alone would be refused.
  'a service account to a principal': () => sql`
    with principal_of_theirs as (
      insert into principal values (${theirs.organization}, 'mem_x', 'member')
    )
    insert into service_account (organization_id, id, name, description, created_at,
      created_by_id, created_by_name)
    values (${mine.organization}, 'mem_x', 'x', '', ${madeNow})`,
  // To one that is no member yet, as above.
  'a member to a principal': () => sql`
    with principal_of_theirs as (
      insert into principal values (${theirs.organization}, 'mem_y', 'member')
    )
    insert into member (organization_id, id, person_id, created_at, created_by_id,
      created_by_name)
    values (${mine.organization}, 'mem_y', ${theirs.member.person}, ${madeNow})`,
  'an invitation to a role': () => sql`
    insert into invitation_role (organization_id, invitation_id, role_id)
    values (${mine.organization}, ${mine.invitation}, ${theirs.role.id})`,
  'a role to an invitation': () => sql`
    insert into invitation_role (organization_id, invitation_id, role_id)
    values (${mine.organization}, ${theirs.invitation}, ${mine.role.id})`,
  'an invitation to a group': () => sql`
    insert into invitation_group (organization_id, invitation_id, group_id)
    values (${mine.organization}, ${mine.invitation}, ${theirs.group.id})`,
  'a group to an invitation': () => sql`
    insert into invitation_group (organization_id, invitation_id, group_id)
    values (${mine.organization}, ${theirs.invitation}, ${mine.group.id})`,
  'a default audience to an API': () => sql`
    update organization set default_audience = ${theirs.api.audience}
    where id = ${mine.organization}`,
  'a permission to an API': () => sql`
    insert into api_permission (organization_id, api_id, permission, description)
    values (${mine.organization}, ${theirs.api.id}, 'x:read', '')`,
  'a role to a permission': () => sql`
    insert into role_permission (organization_id, role_id, api_id, permission)
    values (${mine.organization}, ${mine.role.id}, ${theirs.api.id}, 'a:read')`,
  'a permission held by a role': () => sql`
    insert into role_permission (organization_id, role_id, api_id, permission)
    values (${mine.organization}, ${theirs.role.id}, ${mine.api.id}, 'a:read')`,
  'a group to a member': () => sql`
    insert into group_member (organization_id, group_id, principal_id)
    values (${mine.organization}, ${mine.group.id}, ${theirs.account.id})`,
  'a member to a group': () => sql`
    insert into group_member (organization_id, group_id, principal_id)
    values (${mine.organization}, ${theirs.group.id}, ${mine.account.id})`,
  'a binding to a role': () => sql`
    insert into binding (organization_id, id, role_id, principal_id, created_at, created_by_id,
      created_by_name)
    values (${mine.organization}, 'bnd_x', ${theirs.role.id}, ${mine.account.id}, ${madeNow})`,
  'a binding to a principal': () => sql`
    insert into binding (organization_id, id, role_id, principal_id, created_at, created_by_id,
      created_by_name)
    values (${mine.organization}, 'bnd_x', ${mine.role.id}, ${theirs.account.id}, ${madeNow})`,
  'a binding to a group': () => sql`
    insert into binding (organization_id, id, role_id, group_id, created_at, created_by_id,
      created_by_name)
    values (${mine.organization}, 'bnd_x', ${mine.role.id}, ${theirs.group.id}, ${madeNow})`,
}

describe('the database', () => {
  it.each(Object.entries(references))(
    'refuses a reference across organizations: %s',
    async (_, statement) => {
      await expect(statement().execute(desk().db.management)).rejects.toMatchObject({
        code: '23503',
      })
    },
  )

  it('refuses two APIs of one audience, whoever registered the first', async () => {
    const again = sql`
      insert into api (organization_id, id, audience, name, token_lifetime_seconds, created_at,
        created_by_id, created_by_name)
      values (${mine.organization}, 'api_x', ${theirs.api.audience}, 'x', 900, ${madeNow})`
    await expect(again.execute(desk().db.management)).rejects.toMatchObject({ code: '23505' })
  })

  it('knows of every foreign key between the rows of tenants', async () => {
    const { rows } = await sql<{ table: string; references: string }>`
      select conrelid::regclass::text as table, confrelid::regclass::text as references
      from pg_constraint where contype = 'f' and array_length(conkey, 1) > 1
      order by 1, 2
    `.execute(desk().db.management)
    expect(rows.map((key) => `${key.table} -> ${key.references}`)).toEqual([
      'api_permission -> api',
      'application_key -> member',
      'binding -> principal',
      'binding -> principal_group',
      'binding -> role',
      'credential -> principal',
      'group_member -> principal',
      'group_member -> principal_group',
      'invitation_group -> invitation',
      'invitation_group -> principal_group',
      'invitation_role -> invitation',
      'invitation_role -> role',
      'member -> principal',
      'organization -> api',
      'role_permission -> api_permission',
      'role_permission -> role',
      'service_account -> principal',
    ])
  })

  it('refuses no reference inside one organization', async () => {
    const outcome = await inTransaction(desk().db, mine.organization, desk().act, async (tx) => {
      const { organization, api, group, account } = mine
      await sql`insert into group_member (organization_id, group_id, principal_id)
        values (${organization}, ${group.id}, ${account.id})`.execute(tx)
      await sql`update organization set default_audience = ${api.audience}
        where id = ${organization}`.execute(tx)
      const target = { type: 'organization', id: organization }
      return accept({
        value: 'stored',
        audit: [{ kind: 'organization.changed', target }],
        changes: [{ kind: 'organization', organization, subject: organization }],
      })
    })
    expect(outcome).toEqual({ ok: true, value: 'stored' })
  })
})

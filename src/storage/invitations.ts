import type { Kysely } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { InvitationId, OrganizationId } from '../domain/id.ts'
import type { Invitation } from '../domain/invitation.ts'
import type { Email } from '../domain/person.ts'
import type { NumericDate } from '../domain/time.ts'
import type { TokenHash } from '../ports/tokens.ts'
import { createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import type { Tables } from './tables.ts'
import { moment, timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

// An invitation that has expired stays for a while, so everyone here finds ended ones too.

export async function findInvitation(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: InvitationId,
): Promise<Invitation | undefined> {
  const row = await invitations(db)
    .where('invitation.organization_id', '=', organization)
    .where('invitation.id', '=', id)
    .executeTakeFirst()
  return row && invitation(row)
}

export async function findInvitationByEmail(
  db: Kysely<Tables>,
  organization: OrganizationId,
  email: Email,
): Promise<Invitation | undefined> {
  const row = await invitations(db)
    .where('invitation.organization_id', '=', organization)
    .where('invitation.email', '=', email)
    .executeTakeFirst()
  return row && invitation(row)
}

export async function findInvitationByToken(
  db: Kysely<Tables>,
  hash: TokenHash,
): Promise<Invitation | undefined> {
  const row = await invitations(db).where('invitation.token_hash', '=', hash).executeTakeFirst()
  return row && invitation(row)
}

export type InvitationsAsked = PageAsked<InvitationId> & {
  /** Only the one of this email. */
  readonly email?: Email | undefined
}

export async function listInvitations(
  db: Kysely<Tables>,
  organization: OrganizationId,
  asked: InvitationsAsked,
): Promise<Page<Invitation, InvitationId>> {
  const { email } = asked
  const all = invitations(db)
  const rows = await (email === undefined ? all : all.where('invitation.email', '=', email))
    .where('invitation.organization_id', '=', organization)
    .where('invitation.id', '>', after(asked))
    .orderBy('invitation.id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(invitation), asked)
}

/** How many invitations of an organization have not ended. */
export async function countInvitations(
  tx: Tx,
  organization: OrganizationId,
  now: NumericDate,
): Promise<number> {
  const { count } = await tx
    .selectFrom('invitation')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('organization_id', '=', organization)
    .where('expires_at', '>', moment(now))
    .executeTakeFirstOrThrow()
  return count
}

export async function addInvitation(tx: Tx, added: Invitation, hash: TokenHash): Promise<void> {
  const { organization: organization_id, id: invitation_id, roles, groups } = added
  await tx
    .insertInto('invitation')
    .values({
      organization_id,
      id: invitation_id,
      email: added.email,
      token_hash: hash,
      expires_at: timestamp(added.expiresAt),
      ...createdRow(added),
    })
    .execute()
  if (roles.length > 0) {
    const rows = roles.map((role_id) => ({ organization_id, invitation_id, role_id }))
    await tx.insertInto('invitation_role').values(rows).execute()
  }
  if (groups.length > 0) {
    const rows = groups.map((group_id) => ({ organization_id, invitation_id, group_id }))
    await tx.insertInto('invitation_group').values(rows).execute()
  }
}

export async function removeInvitation(
  tx: Tx,
  { organization, id }: Pick<Invitation, 'organization' | 'id'>,
): Promise<void> {
  await tx
    .deleteFrom('invitation')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

function invitations(db: Kysely<Tables>) {
  return db
    .selectFrom('invitation')
    .select((eb) => [
      'invitation.organization_id',
      'invitation.id',
      'invitation.email',
      'invitation.expires_at',
      'invitation.created_at',
      'invitation.created_by_id',
      'invitation.created_by_name',
      jsonArrayFrom(
        eb
          .selectFrom('invitation_role as given')
          .whereRef('given.organization_id', '=', 'invitation.organization_id')
          .whereRef('given.invitation_id', '=', 'invitation.id')
          .select('given.role_id as id')
          .orderBy('given.role_id'),
      ).as('roles'),
      jsonArrayFrom(
        eb
          .selectFrom('invitation_group as given')
          .whereRef('given.organization_id', '=', 'invitation.organization_id')
          .whereRef('given.invitation_id', '=', 'invitation.id')
          .select('given.group_id as id')
          .orderBy('given.group_id'),
      ).as('groups'),
    ])
}

function invitation(
  row: Awaited<ReturnType<ReturnType<typeof invitations>['executeTakeFirstOrThrow']>>,
): Invitation {
  return {
    organization: row.organization_id,
    id: row.id,
    email: row.email,
    expiresAt: row.expires_at,
    roles: row.roles.map(({ id }) => id),
    groups: row.groups.map(({ id }) => id),
    ...readCreated(row),
  }
}

import type { Kysely } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { Holder } from '../domain/holder.ts'
import type { ApplicationKeyId, CredentialId, PrincipalId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import { compiledFind } from './compiled.ts'
import { epochSeconds } from './held-bindings.ts'
import type { Tables } from './tables.ts'

/** Finds a principal; one of an organization that is disabled is disabled, too. */
export async function findHolder(db: Kysely<Tables>, id: PrincipalId): Promise<Holder | undefined> {
  const row = await holderRow(db, id)
  const name = row?.account_name ?? row?.person_name
  if (row === undefined || name === undefined || name === null) return undefined
  return {
    organization: row.organization_id,
    name,
    enabled: row.closed_at === null && row.disabled_at === null,
    endsAt: row.expires_at ?? undefined,
    keys: [...row.credentials, ...row.application_keys].map(key),
  }
}

// Management asks it of every call, often twice: see `compiledFind`.
const holderRow = compiledFind((db, id: PrincipalId) =>
  db
    .selectFrom('principal')
    .innerJoin('organization', 'organization.id', 'principal.organization_id')
    .leftJoin('service_account as account', (join) =>
      join
        .onRef('account.organization_id', '=', 'principal.organization_id')
        .onRef('account.id', '=', 'principal.id'),
    )
    .leftJoin('member', (join) =>
      join
        .onRef('member.organization_id', '=', 'principal.organization_id')
        .onRef('member.id', '=', 'principal.id'),
    )
    .leftJoin('person', 'person.id', 'member.person_id')
    .where('principal.id', '=', id)
    .select((eb) => [
      'principal.organization_id',
      'organization.disabled_at as closed_at',
      'account.name as account_name',
      'account.disabled_at',
      'account.expires_at',
      'person.name as person_name',
      jsonArrayFrom(
        eb
          .selectFrom('credential')
          .whereRef('credential.organization_id', '=', 'principal.organization_id')
          .whereRef('credential.principal_id', '=', 'principal.id')
          .select((of) => [
            'credential.id',
            of('credential.disabled_at', 'is', null).$castTo<boolean>().as('enabled'),
            epochSeconds('credential.expires_at').as('expires_at'),
          ]),
      ).as('credentials'),
      jsonArrayFrom(
        eb
          .selectFrom('application_key as key')
          .whereRef('key.organization_id', '=', 'principal.organization_id')
          .whereRef('key.member_id', '=', 'principal.id')
          .select((of) => [
            'key.id',
            of('key.disabled_at', 'is', null).$castTo<boolean>().as('enabled'),
            epochSeconds('key.expires_at').as('expires_at'),
          ]),
      ).as('application_keys'),
    ]),
)

type KeyRow = {
  readonly id: CredentialId | ApplicationKeyId
  readonly enabled: boolean
  readonly expires_at: NumericDate | null
}

function key({ id, enabled, expires_at: end }: KeyRow): Holder['keys'][number] {
  return { id, enabled, endsAt: end ?? undefined }
}

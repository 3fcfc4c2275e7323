import { accept } from '../../src/domain/result.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import type { Database } from '../../src/storage/database.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Act } from '../../src/storage/tx.ts'
import { accepted } from './operator.ts'

/** Ends a membership, as storage does it: with the principal goes all that hangs on it. */
export async function withoutMember(
  db: Database,
  act: Act,
  { organization, id }: Pick<NamedMember, 'organization' | 'id'>,
): Promise<void> {
  accepted(
    await inTransaction(db, organization, act, async (tx) => {
      await tx
        .deleteFrom('principal')
        .where('organization_id', '=', organization)
        .where('id', '=', id)
        .execute()
      return accept({
        value: undefined,
        audit: [{ kind: 'member.removed', target: { type: 'member', id } }],
        changes: [{ kind: 'principal', organization, subject: id }],
      })
    }),
  )
}

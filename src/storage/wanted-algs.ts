import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { SigningAlg } from '../domain/signing-alg.ts'
import { parseSigningAlg, signingAlgDefault } from '../domain/signing-alg.ts'
import type { WantedAlg } from '../domain/signing-terms.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'

/**
 * The algorithms that there have to be keys of at a moment: the default, every one that an API asks
 * for, and the one before while the first key of the new one is still waiting.
 *
 * A first key need not wait if every API that uses it was created with its algorithm, or if the
 * server never had a key. What only a newer program can sign with is left to that.
 */
export async function listWantedAlgs(
  db: Kysely<Tables>,
  now: NumericDate,
): Promise<readonly WantedAlg[]> {
  const { rows } = await sql<{ alg: SigningAlg; at_once: boolean }>`
    select alg, bool_and(at_once) or not exists (select from signing_key) as at_once
    from (
      select ${sql.lit(signingAlgDefault)} as alg, true as at_once
      union all
      select signing_alg, signing_alg_before is null from api
      union all
      select signing_alg_before, true from api
      where signing_alg_before is not null and not exists (
        select from signing_key
        where use = 'access_token' and alg = api.signing_alg and signs_from <= ${timestamp(now)}
      )
    ) as used
    group by alg
    order by alg
  `.execute(db)
  return rows
    .filter(({ alg }) => parseSigningAlg(alg) !== undefined)
    .map(({ alg, at_once: atOnce }) => ({ alg, atOnce }))
}

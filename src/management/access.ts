import type { Access } from '../domain/access.ts'
import { accessSources, effectiveAccess, reachableAudiences } from '../domain/access.ts'
import type { Audience } from '../domain/api.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { findClient, findGroupTerms, findRoleTerms } from '../storage/clients.ts'
import type { ManagementPorts } from './ports.ts'
import type { AccountPlace, UnknownAccount } from './service-accounts.ts'

type Needs = Pick<ManagementPorts, 'db'>

/**
 * What an account holds, with every path that gives it: at one audience, or at each where it holds
 * anything. Read with the queries of the token plane, so that the answer is what a token would say;
 * through the connections of management, so that the token plane never waits for it.
 */
export async function effectiveAccessOf(
  { db: { management: db } }: Needs,
  { organization, account }: AccountPlace,
  { audience, now }: { readonly audience?: Audience | undefined; readonly now: NumericDate },
): Promise<Result<readonly Access[], UnknownAccount>> {
  const client = await findClient(db, account)
  if (client?.organization !== organization) {
    return refuse({ reason: 'service_account_unknown', account })
  }
  const sources = await accessSources(client, {
    group: async (id) => findGroupTerms(db, id),
    role: async (id) => findRoleTerms(db, id),
  })
  const audiences = audience === undefined ? [...reachableAudiences(sources)] : [audience]
  return accept(audiences.toSorted().map((one) => effectiveAccess(sources, one, now)))
}

import type { Access, AccessSources } from '../domain/access.ts'
import { effectiveAccess, reachableAudiences } from '../domain/access.ts'
import type { Audience } from '../domain/api.ts'
import type { Client } from '../domain/client.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { findClient, findGroupTerms, findRoleTerms } from '../storage/clients.ts'
import type { ManagementPorts } from './ports.ts'
import type { AccountPlace } from './service-accounts.ts'

type Needs = Pick<ManagementPorts, 'db'>

type UnknownAccount = {
  readonly reason: 'service_account_unknown'
  readonly account: AccountPlace['account']
}

/**
 * What an account holds, with every path that gives it: at one audience, or at each where it holds
 * anything. Read with the queries of the token plane, so that the answer is what a token would say;
 * through the connections of management, so that the token plane never waits for it.
 */
export async function effectiveAccessOf(
  { db }: Needs,
  { organization, account }: AccountPlace,
  { audience, now }: { readonly audience?: Audience | undefined; readonly now: NumericDate },
): Promise<Result<readonly Access[], UnknownAccount>> {
  const client = await findClient(db.management, account)
  if (client?.organization !== organization) {
    return refuse({ reason: 'service_account_unknown', account })
  }
  const sources = await sourcesOf(db.management, client)
  const audiences = audience === undefined ? [...reachableAudiences(sources)] : [audience]
  return accept(audiences.toSorted().map((one) => effectiveAccess(sources, one, now)))
}

async function sourcesOf(db: Needs['db']['management'], client: Client): Promise<AccessSources> {
  const groups = await Promise.all(client.groups.map(async (id) => findGroupTerms(db, id)))
  const known = groups.filter((group) => group !== undefined)
  const bindings = [...client.bindings, ...known.flatMap((group) => group.bindings)]
  const ids = [...new Set(bindings.map(({ role }) => role))]
  const roles = await Promise.all(ids.map(async (id) => findRoleTerms(db, id)))
  return {
    bindings: client.bindings,
    groups: known,
    roles: new Map(roles.filter((role) => role !== undefined).map((role) => [role.id, role])),
  }
}

import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { findServiceAccount } from '../storage/service-accounts.ts'
import type { TokenRefusals } from '../storage/token-refusals.ts'
import * as storage from '../storage/token-refusals.ts'
import type { ManagementPorts } from './ports.ts'
import type { AccountPlace, UnknownAccount } from './service-accounts.ts'

export type { TokenRefusals } from '../storage/token-refusals.ts'

type Needs = Pick<ManagementPorts, 'db'>

/** Why an account was refused tokens lately, the latest first. */
export async function listRefusals(
  { db }: Needs,
  { organization, account }: AccountPlace,
): Promise<Result<readonly TokenRefusals[], UnknownAccount>> {
  const known = await findServiceAccount(db.management, organization, account)
  if (known === undefined) return refuse({ reason: 'service_account_unknown', account })
  return accept(await storage.listTokenRefusals(db, account))
}

/** What a refused token request was counted with, whoever sent it; by its trace id. For operators. */
export async function findRefusals(
  { db }: Needs,
  traceId: string,
): Promise<readonly TokenRefusals[]> {
  return storage.findTokenRefusals(db, traceId)
}

import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { AccountAnswer, BindingAnswer, CredentialAnswer, GroupAnswer } from './answers.ts'
import { accountAnswer, bindingAnswer, credentialAnswer, groupAnswer, pageOf } from './answers.ts'
import type { OrganizationDesk } from './command.ts'
import type { CommandRefusal } from './refusal-text.ts'

type Page<Item> = { readonly items: readonly Item[]; readonly next_cursor: string | null }

/** An account with what belongs to it: of each list the first page. */
export type AccountView = {
  readonly account: AccountAnswer
  readonly credentials: Page<CredentialAnswer>
  readonly bindings: Page<BindingAnswer>
  readonly groups: Page<GroupAnswer>
}

export async function readAccount(
  { api, inside }: OrganizationDesk,
  id: string,
): Promise<Result<AccountView, CommandRefusal>> {
  const account = await api.ask(get(inside('service-accounts', id)), accountAnswer)
  if (!account.ok) return account
  const secrets = inside('service-accounts', id, 'credentials')
  const credentials = await api.ask(get(secrets), pageOf(credentialAnswer))
  if (!credentials.ok) return credentials
  const ofIt = { principal_id: id }
  const bindings = await api.ask(get(inside('bindings'), ofIt), pageOf(bindingAnswer))
  if (!bindings.ok) return bindings
  const groups = await api.ask(get(inside('groups'), ofIt), pageOf(groupAnswer))
  if (!groups.ok) return groups
  return accept({
    account: account.value,
    credentials: credentials.value,
    bindings: bindings.value,
    groups: groups.value,
  })
}

function get(path: readonly string[], query: Readonly<Record<string, string>> = {}) {
  return { method: 'GET', path, query } as const
}

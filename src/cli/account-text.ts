import type { NumericDate } from '../domain/time.ts'
import { seconds } from '../domain/time.ts'
import type { AccountView } from './account-view.ts'
import { createdText, endText, onText, stateText } from './answer-text.ts'
import type { BindingAnswer } from './answers.ts'
import { durationText } from './duration.ts'
import { facts, sections, table } from './print.ts'

/** An account as its page shows it: the secrets themselves are nowhere. */
export function accountText(
  { account, credentials, groups, bindings }: AccountView,
  now: NumericDate,
): string {
  const { token_lifetime_seconds: lifetime } = account
  const own = facts([
    ['name', account.name],
    ['client ID', account.id],
    ['description', account.description],
    ['state', stateText(account, now)],
    ['expires', endText(account.expires_at)],
    ['token lifetime', lifetime === null ? 'as the API says' : durationText(seconds(lifetime))],
    ['created', createdText(account)],
  ])
  const secrets = credentials.items.map((credential) => [
    credential.name,
    credential.id,
    stateText(credential, now),
    endText(credential.expires_at),
  ])
  const memberships = groups.items.map((group) => [group.name, group.id])
  return (
    own +
    sections([
      ['Secrets', table(['NAME', 'ID', 'STATE', 'EXPIRES'], secrets)],
      ['Granted roles', grantedRolesText(bindings.items)],
      ['Groups', table(['NAME', 'ID'], memberships)],
    ])
  )
}

/** The roles of one account or group. */
export function grantedRolesText(bindings: readonly BindingAnswer[]): string {
  const rows = bindings.map((binding) => [
    binding.role_name,
    onText(binding.resource),
    endText(binding.expires_at),
    binding.id,
  ])
  return table(['ROLE', 'ON', 'UNTIL', 'ID'], rows)
}

import type { NumericDate } from '../domain/time.ts'
import { seconds } from '../domain/time.ts'
import type { AccountView } from './account-view.ts'
import { createdText, endText, onText, stateText } from './answer-text.ts'
import type { BindingAnswer, RemovalPreviewAnswer } from './answers.ts'
import { durationText } from './duration.ts'
import { counted, facts, sections, table } from './print.ts'

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

/** What ends with an account, as the question before that puts it. */
export function removalConsequence(preview: RemovalPreviewAnswer): string {
  const { principal_id: id, principal_name: name } = preview
  const counts = [
    counted(preview.credentials.length, 'secret'),
    `its place in ${counted(preview.groups.length, 'group')}`,
    counted(preview.bindings.length, 'granted role'),
  ] as const
  const things = `${counts[0]}, ${counts[1]} and ${counts[2]}`
  const lost = nobodyElseText(preview)
  return [
    `This removes the service account "${name ?? id}" (${id}) for good, with its ${things}.`,
    ...(lost === '' ? [] : [`Nobody else may then do what it may: ${lost}.`]),
    tokensText(preview),
  ].join('\n')
}

/** What would end with an account, in full. */
export function previewText(preview: RemovalPreviewAnswer, now: NumericDate): string {
  const secrets = preview.credentials.map((credential) => [
    credential.name,
    credential.id,
    stateText(credential, now),
  ])
  const rights = preview.held_by_nobody_else.map(({ permission, resource, audience }) => [
    permission,
    onText(resource),
    audience,
  ])
  const groups = preview.groups.map((group) => [group.name, group.id])
  const parts = sections([
    ['Secrets', table(['NAME', 'ID', 'STATE'], secrets)],
    ['Granted roles', grantedRolesText(preview.bindings)],
    ['Groups', table(['NAME', 'ID'], groups)],
    ['Held by nobody else', table(['PERMISSION', 'ON', 'AT'], rights)],
  ])
  return `${tokensText(preview)}\n${parts}`
}

function tokensText({ tokens_end_by: end }: RemovalPreviewAnswer): string {
  if (end === null) return 'It gets no tokens as it is.'
  return `It gets no more tokens. Those it has are good until ${end} at the latest.`
}

const permissionsShownMax = 5

function nobodyElseText({ held_by_nobody_else: all }: RemovalPreviewAnswer): string {
  const shown = all
    .slice(0, permissionsShownMax)
    .map(({ permission, resource }) => `${permission}${resource === null ? '' : ` on ${resource}`}`)
  const more = all.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

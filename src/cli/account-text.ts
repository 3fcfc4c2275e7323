import type { Access, HeldRole, Path } from '../domain/access.ts'
import { tokenLifetimeMax } from '../domain/api.ts'
import { absoluteAudience } from '../domain/management-permission.ts'
import type { NumericDate } from '../domain/time.ts'
import { isoText } from '../domain/time.ts'
import type { ServiceAccountView } from '../management/service-accounts.ts'
import type { NamedBinding } from '../storage/bindings.ts'
import { durationText } from './duration.ts'
import { counted, createdText, endText, facts, sections, stateText, table } from './print.ts'

/** An account as its page shows it: the secrets themselves are nowhere. */
export function accountText(
  { account, credentials, groups, bindings }: ServiceAccountView,
  now: NumericDate,
): string {
  const { tokenLifetime } = account
  const own = facts([
    ['name', account.name],
    ['client ID', account.id],
    ['description', account.description],
    ['state', stateText(account, now)],
    ['expires', endText(account.expiresAt)],
    ['token lifetime', tokenLifetime ? durationText(tokenLifetime) : 'as the API says'],
    ['created', createdText(account)],
  ])
  const secrets = credentials.map((credential) => [
    credential.name,
    credential.id,
    stateText(credential, now),
    endText(credential.expiresAt),
  ])
  const memberships = groups.map((group) => [group.name, group.id])
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
export function grantedRolesText(bindings: readonly NamedBinding[]): string {
  const rows = bindings.map((binding) => [
    binding.roleName,
    binding.resource ?? 'everything',
    endText(binding.expiresAt),
    binding.id,
  ])
  return table(['ROLE', 'ON', 'UNTIL', 'ID'], rows)
}

/** What an account holds at each API, with every path that gives it. */
export function accessText(issuer: string, access: readonly Access[]): string {
  if (access.length === 0) return 'This account holds nothing at any API.\n'
  return access.map((one) => atApi(issuer, one)).join('\n')
}

function atApi(issuer: string, { audience, roles, details }: Access): string {
  const rows = [
    ...roles.flatMap((role) => permissionRows(role, 'everything')),
    ...details.flatMap((detail) => permissionRows(detail, detail.resource)),
  ]
  return `${absoluteAudience(issuer, audience)}\n${table(['PERMISSION', 'ON', 'BECAUSE OF'], rows)}`
}

function permissionRows(role: HeldRole, on: string): readonly (readonly string[])[] {
  return role.permissions.flatMap((permission) =>
    role.paths.map((path) => [permission, on, pathText(path)]),
  )
}

function pathText({ role, group, expiresAt }: Path): string {
  const through = group === undefined ? 'directly' : `through the group ${group.name}`
  const until = expiresAt === undefined ? '' : `, until ${isoText(expiresAt)}`
  return `${role.name}, ${through}${until}`
}

/** What happens to an account's things when it is removed. */
export function removalConsequence({
  account,
  credentials,
  groups,
  bindings,
}: ServiceAccountView): string {
  const roles = bindings.items.length
  const parts = [
    `This removes the service account "${account.name}" (${account.id}) for good, with its`,
    `${counted(credentials.length, 'secret')}, its place in ${counted(groups.length, 'group')} and`,
    `${bindings.next === undefined ? '' : 'more than '}${counted(roles, 'granted role')}.`,
  ]
  const after = `It gets no more tokens. Those it has are good until they expire, at most ${durationText(tokenLifetimeMax)} from now.`
  return `${parts.join(' ')}\n${after}`
}

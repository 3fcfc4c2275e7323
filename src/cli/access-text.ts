import { onText } from './answer-text.ts'
import type { AccessAnswer } from './answers.ts'
import { table } from './print.ts'

type AtApi = AccessAnswer['access'][number]
type Held = AtApi['permissions'][number]

/** What a principal holds at each API, with every path that gives it. */
export function accessText({ access, principal_type: type }: AccessAnswer): string {
  const who = type === 'member' ? 'member' : 'account'
  if (access.length === 0) return `This ${who} holds nothing at any API.\n`
  return access.map(atApi).join('\n')
}

function atApi({ audience, permissions }: AtApi): string {
  const rows = permissions.flatMap(({ permission, resource, paths }) =>
    paths.map((path) => [permission, onText(resource), pathText(path)]),
  )
  return `${audience}\n${table(['PERMISSION', 'ON', 'BECAUSE OF'], rows)}`
}

function pathText({
  role_name: role,
  group_name: group,
  expires_at: end,
}: Held['paths'][number]): string {
  const through = group === null ? 'directly' : `through the group ${group}`
  return `${role}, ${through}${end === null ? '' : `, until ${end}`}`
}

import type { NumericDate } from '../domain/time.ts'
import { grantedRolesText } from './account-text.ts'
import { endText, onText, stateText } from './answer-text.ts'
import type { RemovalPreviewAnswer } from './answers.ts'
import { counted, facts, sections, table } from './print.ts'

/** What ends with an account or a member, as the question before that puts it. */
export function removalConsequence(preview: RemovalPreviewAnswer): string {
  const { principal_id: id, principal_name: name } = preview
  const { noun, its, they } = wordsFor(preview)
  const counts = [
    proofsText(preview),
    `${its} place in ${counted(preview.groups.length, 'group')}`,
    counted(preview.bindings.length, 'granted role'),
  ] as const
  const things = `${counts[0]}, ${counts[1]} and ${counts[2]}`
  const lost = nobodyElseText(preview)
  return [
    `This removes the ${noun} "${name ?? id}" (${id}) for good, with ${its} ${things}.`,
    ...(lost === '' ? [] : [`Nobody else may then do what ${they} may: ${lost}.`]),
    ...endings(preview),
  ].join('\n')
}

/** What would end with an account or a member, in full. */
export function previewText(preview: RemovalPreviewAnswer, now: NumericDate): string {
  const own = facts([
    ['name', preview.principal_name ?? ''],
    ['id', preview.principal_id],
    ['state', stateText(preview, now)],
    ['expires', endText(preview.expires_at)],
  ])
  const rights = preview.held_by_nobody_else.map(({ permission, resource, audience }) => [
    permission,
    onText(resource),
    audience,
  ])
  const groups = preview.groups.map((group) => [group.name, group.id])
  const parts = sections([
    isMember(preview) ? keysPart(preview, now) : secretsPart(preview, now),
    ['Granted roles', grantedRolesText(preview.bindings)],
    ['Groups', table(['NAME', 'ID'], groups)],
    ['Held by nobody else', table(['PERMISSION', 'ON', 'AT'], rights)],
  ])
  return `${own}\n${endings(preview).join('\n')}\n${parts}`
}

const words = {
  account: {
    noun: 'service account',
    its: 'its',
    they: 'it',
    are: 'it is',
    theyGet: 'It gets',
    theyHave: 'it has',
  },
  member: {
    noun: 'member',
    its: 'their',
    they: 'they',
    are: 'they are',
    theyGet: 'Their application keys get',
    theyHave: 'they have',
  },
} as const

function wordsFor(preview: RemovalPreviewAnswer) {
  return words[isMember(preview) ? 'member' : 'account']
}

function isMember({ principal_type: type }: RemovalPreviewAnswer): boolean {
  return type === 'member'
}

function proofsText(preview: RemovalPreviewAnswer): string {
  return isMember(preview)
    ? counted(preview.application_keys.length, 'application key')
    : counted(preview.credentials.length, 'secret')
}

function secretsPart({ credentials }: RemovalPreviewAnswer, now: NumericDate) {
  const rows = credentials.map((credential) => [
    credential.name,
    credential.id,
    stateText(credential, now),
    endText(credential.expires_at),
  ])
  return ['Secrets', table(['NAME', 'ID', 'STATE', 'EXPIRES'], rows)] as const
}

/** What members call their keys is for them alone. */
function keysPart({ application_keys: keys }: RemovalPreviewAnswer, now: NumericDate) {
  const rows = keys.map((key) => [
    key.id,
    stateText(key, now),
    endText(key.expires_at),
    key.created_at,
  ])
  return ['Application keys', table(['ID', 'STATE', 'EXPIRES', 'CREATED'], rows)] as const
}

/** What ends beside the things that are counted or listed, a sentence each. */
function endings(preview: RemovalPreviewAnswer): readonly string[] {
  const { they } = wordsFor(preview)
  const last = `No other member is an Owner: ${they} cannot be removed before somebody else is.`
  return [
    ...(preview.is_last_owner ? [last] : []),
    ...(isMember(preview) ? [sessionsText(preview), 'What they made goes on.'] : []),
    tokensText(preview),
  ]
}

function sessionsText({ sessions }: RemovalPreviewAnswer): string {
  if (sessions === 0) return 'They are signed in nowhere.'
  return `They are signed out: ${counted(sessions, 'session')}, of all organizations.`
}

function tokensText(preview: RemovalPreviewAnswer): string {
  const { are, theyGet, theyHave } = wordsFor(preview)
  const { tokens_end_by: end } = preview
  if (isMember(preview) && preview.application_keys.length === 0) return 'No program acts as them.'
  if (end === null) return `${theyGet} no tokens as ${are}.`
  return `${theyGet} no more tokens. Those ${theyHave} are good until ${end} at the latest.`
}

const permissionsShownMax = 5

function nobodyElseText({ held_by_nobody_else: all }: RemovalPreviewAnswer): string {
  const shown = all
    .slice(0, permissionsShownMax)
    .map(({ permission, resource }) => `${permission}${resource === null ? '' : ` on ${resource}`}`)
  const more = all.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

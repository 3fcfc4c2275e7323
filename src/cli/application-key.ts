import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { createdText, endText, stateText } from './answer-text.ts'
import { applicationKeyAnswer, meAnswer, pageOf } from './answers.ts'
import type { OrganizationDesk } from './command.ts'
import { command } from './command.ts'
import { idField } from './fields.ts'
import { required } from './inputs.ts'
import { facts, table } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'

const whose =
  'Each member sees their own alone, as the member: from afar, with one of these keys. They are made, changed and removed by the member signed in, and not by a token.'

const list = command({
  verb: 'list',
  summary: 'List your application keys',
  notes: [whose],
  arguments: {},
  options: {},
  run: async (desk) => {
    const member = await asMember(desk)
    if (!member.ok) return member
    const call = { method: 'GET', path: desk.inside('application-keys') } as const
    const page = await desk.api.ask(call, pageOf(applicationKeyAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((key) => [
      key.id,
      stateText(key, desk.now),
      endText(key.expires_at),
      key.created_at,
      key.description,
    ])
    const head = ['CLIENT ID', 'STATE', 'EXPIRES', 'CREATED', 'DESCRIPTION']
    return accept({ document: page.value, text: table(head, rows) })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one of yours, without what is secret',
  notes: [whose],
  arguments: { key: required(idField('application_key'), 'Its client ID') },
  options: {},
  run: async (desk, { key: id }) => {
    const member = await asMember(desk)
    if (!member.ok) return member
    const path = desk.inside('application-keys', id)
    const key = await desk.api.ask({ method: 'GET', path }, applicationKeyAnswer)
    if (!key.ok) return key
    const shown = facts([
      ['client ID', key.value.id],
      ['description', key.value.description],
      ['begins with', `csk_${key.value.handle}_`],
      ['state', stateText(key.value, desk.now)],
      ['expires', endText(key.value.expires_at)],
      ['created', createdText(key.value)],
    ])
    return accept({ document: key.value, text: shown })
  },
})

export const applicationKeyCommands = [list, show]

/** Nobody else has any: an empty list would say less than there is to know. */
async function asMember({ api }: OrganizationDesk): Promise<Result<undefined, CommandRefusal>> {
  const me = await api.ask({ method: 'GET', path: ['me'] }, meAnswer)
  if (!me.ok) return me
  const { type, id } = me.value
  return type === 'member' ? accept(undefined) : refuse({ reason: 'member_needed', id, type })
}

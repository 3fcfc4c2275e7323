import type { ResourceName } from '../domain/binding.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { createdText, endText, moreText, onText } from './answer-text.ts'
import type { BindingAnswer } from './answers.ts'
import { bindingAnswer, pageOf } from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import {
  idField,
  reference,
  resourceField,
  roleReferenceField,
  whenField,
  whenOrNeverField,
} from './fields.ts'
import type { RoleReference } from './fields.ts'
import { findAccount, findGiven, findGroup, findMember, findRole } from './find.ts'
import { optional, required } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { facts, table, underHeadline } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { severalApisText } from './several-apis.ts'

const which = { binding: required(idField('binding'), 'Its id') }

const create = command({
  verb: 'create',
  summary: 'Grant a role to an account, a member or a group',
  notes: [
    'Without a resource, after the role or in --resource, it is held on the whole organization.',
  ],
  arguments: { role: required(roleReferenceField, 'Its name or id') },
  options: {
    account: optional(reference('account'), 'The account that gets it'),
    member: optional(reference('member'), 'The member that gets it, by email or id'),
    group: optional(reference('group'), 'The group that gets it'),
    resource: optional(resourceField, 'The one thing it is held on'),
    expires: optional(whenField, 'When it ends'),
  },
  examples: [
    'binding create Deployer --account ci',
    'binding create Restarter --group Oncall --resource cluster/prod-eu --expires 12h',
  ],
  run: async (desk, given) => {
    const granted = await grantedRole(desk, given.role, given.resource)
    if (!granted.ok) return granted
    const subject = await findSubject(desk, given)
    if (!subject.ok) return subject
    const { principal_id: principal, group_id: group } = subject.value
    if (principal === undefined && group === undefined) return oneSubject()
    const body = {
      ...granted.value,
      ...subject.value,
      expires_at: given.expires === undefined ? undefined : isoText(given.expires),
    }
    const path = desk.inside('bindings')
    const created = await desk.api.ask({ method: 'POST', path, body }, bindingAnswer)
    if (!created.ok) return created
    const isAccount = given.account !== undefined && principal !== undefined
    const warning = isAccount ? await severalApisText(desk, principal) : ''
    return told(created.value, 'Granted:', warning)
  },
})

const list = command({
  verb: 'list',
  summary: 'List the granted roles',
  arguments: {},
  options: {
    role: optional(reference('role'), 'Of this role alone'),
    account: optional(reference('account'), 'Of this account alone, without those of its groups'),
    member: optional(reference('member'), 'Of this member alone, without those of their groups'),
    group: optional(reference('group'), 'Of this group alone'),
    resource: optional(resourceField, 'On this resource alone'),
    ...listInputs,
  },
  run: async (desk, given) => {
    const role = await findGiven(given.role, async (text) => findRole(desk, text))
    if (!role.ok) return role
    const subject = await findSubject(desk, given)
    if (!subject.ok) return subject
    const filter = { role_id: role.value?.id, ...subject.value, resource: given.resource }
    const query = { ...filter, ...pageQuery(given) }
    const call = { method: 'GET', path: desk.inside('bindings'), query } as const
    const page = await desk.api.ask(call, pageOf(bindingAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((binding) => [
      binding.role_name,
      holderText(binding),
      onText(binding.resource),
      endText(binding.expires_at),
      binding.id,
    ])
    return accept({
      document: page.value,
      text: table(['ROLE', 'HELD BY', 'ON', 'UNTIL', 'ID'], rows) + moreText(page.value),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one granted role',
  arguments: which,
  options: {},
  run: async (desk, { binding }) => {
    const found = await readBinding(desk, binding)
    return found.ok ? told(found.value, '') : found
  },
})

const change = command({
  verb: 'change',
  summary: 'Move its end',
  arguments: which,
  options: { expires: required(whenOrNeverField, 'When it ends, or never') },
  run: async ({ api, inside }, { binding, expires }) => {
    const body = { expires_at: expires === null ? null : isoText(expires) }
    const path = inside('bindings', binding)
    const changed = await api.ask({ method: 'PATCH', path, body }, bindingAnswer)
    return changed.ok ? told(changed.value, 'Changed:') : changed
  },
})

const remove = command({
  verb: 'remove',
  summary: 'Withdraw it',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async (desk, { binding: id }) => {
    const found = await readBinding(desk, id)
    if (!found.ok) return found
    const { role_name: role, resource } = found.value
    const holder = holderText(found.value)
    const consequence = `This withdraws the role "${role}" on ${onText(resource)} from ${holder}.`
    const confirmed = await desk.confirm(consequence)
    if (!confirmed.ok) return confirmed
    const path = desk.inside('bindings', id)
    const removed = await desk.api.tell({ method: 'DELETE', path })
    if (!removed.ok) return removed
    return accept({ document: found.value, text: `Withdrew the role "${role}" from ${holder}.\n` })
  },
})

export const bindingCommands = [create, list, show, change, remove]

async function readBinding({ api, inside }: OrganizationDesk, id: string) {
  return api.ask({ method: 'GET', path: inside('bindings', id) }, bindingAnswer)
}

type GivenSubject = {
  readonly account: string | undefined
  readonly member: string | undefined
  readonly group: string | undefined
}

type Subject = {
  readonly principal_id?: string | undefined
  readonly group_id?: string | undefined
}

/** The role, and the one resource that was said after it or beside it. */
async function grantedRole(
  desk: OrganizationDesk,
  { role, resource: after }: RoleReference,
  beside: ResourceName | undefined,
) {
  if (after !== undefined && beside !== undefined) {
    return refuse({ reason: 'usage_wrong', problems: ['give one resource: @… or --resource'] })
  }
  const found = await findRole(desk, role)
  return found.ok ? accept({ role_id: found.value.id, resource: after ?? beside }) : found
}

/** The account, member or group that was given, if one was. */
async function findSubject(
  desk: OrganizationDesk,
  { account, member, group }: GivenSubject,
): Promise<Result<Subject, CommandRefusal>> {
  if ([account, member, group].filter((one) => one !== undefined).length > 1) return oneSubject()
  if (group !== undefined) {
    const set = await findGroup(desk, group)
    return set.ok ? accept({ group_id: set.value.id }) : set
  }
  const principal =
    member === undefined
      ? await findGiven(account, async (text) => findAccount(desk, text))
      : await findMember(desk, member)
  return principal.ok ? accept({ principal_id: principal.value?.id }) : principal
}

function oneSubject() {
  const problem = 'say one of --account, --member and --group'
  return refuse({ reason: 'usage_wrong', problems: [problem] })
}

async function told(binding: BindingAnswer, headline: string, warning = ''): Outcome {
  const shown = facts([
    ['role', binding.role_name],
    ['held by', holderText(binding)],
    ['on', onText(binding.resource)],
    ['until', endText(binding.expires_at)],
    ['id', binding.id],
    ['created', createdText(binding)],
  ])
  return accept({ document: binding, text: underHeadline(headline, shown) + warning })
}

function holderText(binding: BindingAnswer): string {
  const { group_id: group, principal_id: principal, subject_name: name } = binding
  if (group !== null) return `group ${name ?? group}`
  return `${principal?.startsWith('mem_') === true ? 'member' : 'account'} ${name ?? principal ?? ''}`
}

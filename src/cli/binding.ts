import type { BindingSubject } from '../domain/binding.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import {
  changeBinding,
  createBinding,
  listBindings,
  removeBinding,
  showBinding,
} from '../management/bindings.ts'
import type { NamedBinding } from '../storage/bindings.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { bindingDocument } from '../http/api/documents.ts'
import { pageDocument } from './page-document.ts'
import { idField, reference, resourceField, whenField, whenOrNeverField } from './fields.ts'
import { optional, required } from './inputs.ts'
import { createdText, endText, facts, moreText, table, underHeadline } from './print.ts'
import { findAccount, findEach, findGroup, findRole } from './references.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { severalApisText } from './several-apis.ts'

const which = { binding: required(idField('binding'), 'Its id') }

const create = command({
  verb: 'create',
  summary: 'Grant a role to an account or a group',
  notes: ['Without --resource the role is held on the whole organization.'],
  arguments: { role: required(reference('role'), 'Its name or id') },
  options: {
    account: optional(reference('account'), 'The account that gets it'),
    group: optional(reference('group'), 'The group that gets it'),
    resource: optional(resourceField, 'The one thing it is held on'),
    expires: optional(whenField, 'When it ends'),
  },
  examples: [
    'binding create Deployer --account ci',
    'binding create Operator --group Oncall --resource cluster/prod-eu --expires 12h',
  ],
  run: async (desk, given) => {
    const { house, act, organization } = desk
    const role = await findRole(house, organization, given.role)
    if (!role.ok) return role
    const subject = await findSubject(desk, given)
    if (!subject.ok) return subject
    if (subject.value === undefined) return oneSubject()
    const outcome = await createBinding(house, act, {
      organization,
      role: role.value.id,
      subject: subject.value,
      resource: given.resource,
      expiresAt: given.expires,
    })
    if (!outcome.ok) return outcome
    const shown = await showBinding(house, { organization, binding: outcome.value.id })
    if (!shown.ok) return shown
    const warning = await severalApisText(desk, subject.value.id)
    return told(shown.value, 'Granted:', warning)
  },
})

const list = command({
  verb: 'list',
  summary: 'List the granted roles',
  arguments: {},
  options: {
    role: optional(reference('role'), 'Of this role alone'),
    account: optional(reference('account'), 'Of this account alone, without those of its groups'),
    group: optional(reference('group'), 'Of this group alone'),
    resource: optional(resourceField, 'On this resource alone'),
    after: optional(idField('binding'), 'Begin after this one'),
  },
  run: async (desk, given) => {
    const { house, organization } = desk
    const roles = await findEach(given.role === undefined ? [] : [given.role], async (text) =>
      findRole(house, organization, text),
    )
    if (!roles.ok) return roles
    const subject = await findSubject(desk, given)
    if (!subject.ok) return subject
    const filter = {
      role: roles.value[0]?.id,
      subject: subject.value,
      resource: given.resource,
    }
    const page = await listBindings(house, organization, { ...filter, start: given.after })
    const rows = page.items.map((binding) => [
      binding.roleName,
      holderText(binding),
      binding.resource ?? 'everything',
      endText(binding.expiresAt),
      binding.id,
    ])
    return accept({
      document: pageDocument('bindings', page, bindingDocument),
      text: table(['ROLE', 'HELD BY', 'ON', 'UNTIL', 'ID'], rows) + moreText(page.next),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one granted role',
  arguments: which,
  options: {},
  run: async ({ house, organization }, { binding }) => {
    const outcome = await showBinding(house, { organization, binding })
    return outcome.ok ? told(outcome.value, '') : outcome
  },
})

const change = command({
  verb: 'change',
  summary: 'Move its end',
  arguments: which,
  options: { expires: required(whenOrNeverField, 'When it ends, or never') },
  run: async ({ house, act, organization }, { binding, expires: expiresAt }) => {
    const outcome = await changeBinding(house, act, { organization, binding, expiresAt })
    return outcome.ok ? told(outcome.value, 'Changed:') : outcome
  },
})

const remove = command({
  verb: 'remove',
  summary: 'Withdraw it',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async ({ house, act, organization, confirm }, { binding: id }) => {
    const found = await showBinding(house, { organization, binding: id })
    if (!found.ok) return found
    const on = found.value.resource ?? 'everything'
    const holder = holderText(found.value)
    const consequence = `This withdraws the role "${found.value.roleName}" on ${on} from ${holder}.`
    const confirmed = await confirm(consequence)
    if (!confirmed.ok) return confirmed
    const outcome = await removeBinding(house, act, { organization, binding: id })
    if (!outcome.ok) return outcome
    return accept({
      document: bindingDocument(outcome.value),
      text: `Withdrew the role "${outcome.value.roleName}" from ${holder}.\n`,
    })
  },
})

export const bindingCommands = [create, list, show, change, remove]

type GivenSubject = { readonly account: string | undefined; readonly group: string | undefined }

/** The account or the group that was given, if one was. */
async function findSubject(
  { house, organization }: OrganizationDesk,
  { account, group }: GivenSubject,
): Promise<Result<BindingSubject | undefined, CommandRefusal>> {
  if (account !== undefined && group !== undefined) return oneSubject()
  if (account !== undefined) {
    const found = await findAccount(house, organization, account)
    return found.ok ? accept({ type: 'principal', id: found.value.id }) : found
  }
  if (group === undefined) return accept(undefined)
  const found = await findGroup(house, organization, group)
  return found.ok ? accept({ type: 'group', id: found.value.id }) : found
}

function oneSubject() {
  const problem = 'say one of --account and --group'
  return refuse({ reason: 'usage_wrong', problems: [problem] })
}

async function told(binding: NamedBinding, headline: string, warning = ''): Outcome {
  const shown = facts([
    ['role', binding.roleName],
    ['held by', holderText(binding)],
    ['on', binding.resource ?? 'everything'],
    ['until', endText(binding.expiresAt)],
    ['id', binding.id],
    ['created', createdText(binding)],
  ])
  return accept({
    document: bindingDocument(binding),
    text: underHeadline(headline, shown) + warning,
  })
}

function holderText({ subject, subjectName }: NamedBinding): string {
  const what = subject.type === 'group' ? 'group' : 'account'
  return `${what} ${subjectName ?? subject.id}`
}

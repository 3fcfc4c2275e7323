import type { Group } from '../domain/group.ts'
import { accept } from '../domain/result.ts'
import {
  addGroupMember,
  changeGroup,
  createGroup,
  listGroupMembers,
  listGroups,
  removeGroup,
  removeGroupMember,
  showGroup,
} from '../management/groups.ts'
import type { GroupMember } from '../storage/groups.ts'
import { grantedRolesText } from './account-text.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { bindingDocument, groupDocument, groupMemberDocument } from '../http/api/documents.ts'
import { pageDocument } from './page-document.ts'
import { descriptionField, idField, nameField, reference } from './fields.ts'
import { defaulted, optional, required } from './inputs.ts'
import { counted, createdText, facts, moreText, sections, table, underHeadline } from './print.ts'
import { findAccount, findGroup } from './references.ts'

const which = { group: required(reference('group'), 'Its name or id') }
const pair = { ...which, account: required(reference('account'), 'Its name or client ID') }

const create = command({
  verb: 'create',
  summary: 'Create a group, to give the same roles to several accounts',
  notes: ['What a group holds, each of its accounts holds: countersign binding create.'],
  arguments: { name: required(nameField, 'Unique in its organization') },
  options: { description: defaulted(descriptionField, '', 'What it is for') },
  examples: ['group create Builders'],
  run: async (desk, { name, description }) => {
    const { house, act, organization } = desk
    const outcome = await createGroup(house, act, { organization, name, description })
    return outcome.ok ? told(desk, outcome.value, `Created the ${named(outcome.value)}.`) : outcome
  },
})

const list = command({
  verb: 'list',
  summary: 'List the groups',
  arguments: {},
  options: { after: optional(idField('group'), 'Begin after this one') },
  run: async ({ house, organization }, { after }) => {
    const page = await listGroups(house, organization, { start: after })
    const rows = page.items.map((group) => [group.name, group.id, group.description])
    return accept({
      document: pageDocument('groups', page, groupDocument),
      text: table(['NAME', 'ID', 'DESCRIPTION'], rows) + moreText(page.next),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with its members and granted roles',
  arguments: which,
  options: {},
  run: async (desk, { group }) => {
    const found = await findGroup(desk.house, desk.organization, group)
    return found.ok ? told(desk, found.value, '') : found
  },
})

const change = command({
  verb: 'change',
  summary: 'Change its name or description',
  arguments: which,
  changes: ['name', 'description'],
  options: {
    name: optional(nameField, 'Its new name'),
    description: optional(descriptionField, 'What it is for'),
  },
  run: async (desk, { group: text, name, description }) => {
    const { house, act, organization } = desk
    const found = await findGroup(house, organization, text)
    if (!found.ok) return found
    const input = { organization, group: found.value.id, name, description }
    const outcome = await changeGroup(house, act, input)
    return outcome.ok ? told(desk, outcome.value, `Changed the ${named(outcome.value)}.`) : outcome
  },
})

const members = command({
  verb: 'members',
  summary: 'List its members',
  arguments: which,
  options: { after: optional(idField('service_account'), 'Begin after this one') },
  run: async ({ house, organization }, { group, after }) => {
    const found = await findGroup(house, organization, group)
    if (!found.ok) return found
    const outcome = await listGroupMembers(
      house,
      { organization, group: found.value.id },
      { start: after },
    )
    if (!outcome.ok) return outcome
    return accept({
      document: pageDocument('members', outcome.value, groupMemberDocument),
      text: membersText(outcome.value.items) + moreText(outcome.value.next),
    })
  },
})

const addMember = command({
  verb: 'add-member',
  summary: 'Put an account into it',
  arguments: pair,
  options: {},
  examples: ['group add-member Builders ci'],
  run: async (desk, given) => move(desk, given, { verb: addGroupMember, done: 'is now in' }),
})

const removeMember = command({
  verb: 'remove-member',
  summary: 'Take an account out of it',
  arguments: pair,
  options: {},
  run: async (desk, given) =>
    move(desk, given, { verb: removeGroupMember, done: 'is no longer in' }),
})

const remove = command({
  verb: 'remove',
  summary: 'Remove it for good',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async ({ house, act, organization, confirm }, { group: text }) => {
    const found = await findGroup(house, organization, text)
    if (!found.ok) return found
    const place = { organization, group: found.value.id }
    const view = await showGroup(house, place)
    if (!view.ok) return view
    const { members: page, bindings } = view.value
    const count = counted(page.items.length, 'member loses', 'members lose')
    const many = `${page.next === undefined ? '' : 'more than '}${count}`
    const consequence = `This removes the ${named(found.value)} for good.\nIts ${many} what it gives: ${counted(bindings.items.length, 'granted role')}.`
    const confirmed = await confirm(consequence)
    if (!confirmed.ok) return confirmed
    const outcome = await removeGroup(house, act, place)
    if (!outcome.ok) return outcome
    return accept({
      document: groupDocument(outcome.value),
      text: `Removed the ${named(outcome.value)}.\n`,
    })
  },
})

export const groupCommands = [create, list, show, change, members, addMember, removeMember, remove]

async function move(
  { house, act, organization }: OrganizationDesk,
  given: { readonly group: string; readonly account: string },
  { verb, done }: { readonly verb: typeof addGroupMember; readonly done: string },
): Outcome {
  const group = await findGroup(house, organization, given.group)
  if (!group.ok) return group
  const account = await findAccount(house, organization, given.account)
  if (!account.ok) return account
  const membership = { organization, group: group.value.id, principal: account.value.id }
  const outcome = await verb(house, act, membership)
  if (!outcome.ok) return outcome
  return accept({
    document: { group: group.value.id, account: account.value.id },
    text: `The account "${account.value.name}" ${done} the ${named(outcome.value)}.\n`,
  })
}

async function told(
  { house, organization }: OrganizationDesk,
  { id }: Group,
  headline: string,
): Outcome {
  const view = await showGroup(house, { organization, group: id })
  if (!view.ok) return view
  const { group, members: page, bindings } = view.value
  const own = facts([
    ['name', group.name],
    ['id', group.id],
    ['description', group.description],
    ['created', createdText(group)],
  ])
  const more = page.next === undefined ? '' : `  more: countersign group members ${group.id}\n`
  const text =
    own +
    sections([
      ['Granted roles', grantedRolesText(bindings.items)],
      ['Members', membersText(page.items) + more],
    ])
  return accept({
    document: {
      ...groupDocument(group),
      granted_roles: bindings.items.map(bindingDocument),
      ...pageDocument('members', page, groupMemberDocument),
    },
    text: underHeadline(headline, text),
  })
}

function membersText(items: readonly GroupMember[]): string {
  return table(
    ['NAME', 'ID'],
    items.map(({ id, name }) => [name ?? '', id]),
  )
}

function named({ name }: Group): string {
  return `group "${name}"`
}

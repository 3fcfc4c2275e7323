import { accept } from '../domain/result.ts'
import { grantedRolesText } from './account-text.ts'
import { createdText, moreText } from './answer-text.ts'
import type { GroupAnswer, GroupMemberAnswer } from './answers.ts'
import { bindingAnswer, groupAnswer, groupMemberAnswer, pageOf } from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { descriptionField, nameField, reference } from './fields.ts'
import { findGroup, findPrincipal } from './find.ts'
import { defaulted, optional, required } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { counted, facts, sections, table, underHeadline } from './print.ts'

const which = { group: required(reference('group'), 'Its name or id') }
const pair = {
  ...which,
  member: required(reference('account|member'), 'An account, or a member by their email or id'),
}

const create = command({
  verb: 'create',
  summary: 'Create a group, to give the same roles to several accounts or members',
  notes: ['What a group holds, each of its members holds: countersign binding create.'],
  arguments: { name: required(nameField, 'Unique in its organization') },
  options: { description: defaulted(descriptionField, '', 'What it is for') },
  examples: ['group create Builders'],
  run: async (desk, body) => {
    const path = desk.inside('groups')
    const created = await desk.api.ask({ method: 'POST', path, body }, groupAnswer)
    return created.ok ? told(desk, created.value, `Created the ${named(created.value)}.`) : created
  },
})

const list = command({
  verb: 'list',
  summary: 'List the groups',
  arguments: {},
  options: listInputs,
  run: async ({ api, inside }, given) => {
    const call = { method: 'GET', path: inside('groups'), query: pageQuery(given) } as const
    const page = await api.ask(call, pageOf(groupAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((group) => [group.name, group.id, group.description])
    return accept({
      document: page.value,
      text: table(['NAME', 'ID', 'DESCRIPTION'], rows) + moreText(page.value),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with its members and granted roles',
  arguments: which,
  options: {},
  run: async (desk, { group }) => {
    const found = await findGroup(desk, group)
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
  run: async (desk, { group: text, ...body }) => {
    const found = await findGroup(desk, text)
    if (!found.ok) return found
    const path = desk.inside('groups', found.value.id)
    const changed = await desk.api.ask({ method: 'PATCH', path, body }, groupAnswer)
    return changed.ok ? told(desk, changed.value, `Changed the ${named(changed.value)}.`) : changed
  },
})

const members = command({
  verb: 'members',
  summary: 'List its members',
  arguments: which,
  options: listInputs,
  run: async (desk, { group, ...given }) => {
    const found = await findGroup(desk, group)
    if (!found.ok) return found
    const path = desk.inside('groups', found.value.id, 'members')
    const call = { method: 'GET', path, query: pageQuery(given) } as const
    const page = await desk.api.ask(call, pageOf(groupMemberAnswer))
    if (!page.ok) return page
    return accept({
      document: page.value,
      text: membersText(page.value.items) + moreText(page.value),
    })
  },
})

const addMember = command({
  verb: 'add-member',
  summary: 'Put an account or a member into it',
  arguments: pair,
  options: {},
  examples: ['group add-member Builders ci'],
  run: async (desk, given) => move(desk, given, { method: 'PUT', done: 'is now in' }),
})

const removeMember = command({
  verb: 'remove-member',
  summary: 'Take an account or a member out of it',
  arguments: pair,
  options: {},
  run: async (desk, given) => move(desk, given, { method: 'DELETE', done: 'is no longer in' }),
})

const remove = command({
  verb: 'remove',
  summary: 'Remove it for good',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async (desk, { group: text }) => {
    const found = await findGroup(desk, text)
    if (!found.ok) return found
    const view = await readGroup(desk, found.value.id)
    if (!view.ok) return view
    const { members: page, bindings } = view.value
    const count = counted(page.items.length, 'member loses', 'members lose')
    const many = `${page.next_cursor === null ? '' : 'more than '}${count}`
    const consequence = `This removes the ${named(found.value)} for good.\nIts ${many} what it gives: ${counted(bindings.items.length, 'granted role')}.`
    const confirmed = await desk.confirm(consequence)
    if (!confirmed.ok) return confirmed
    const path = desk.inside('groups', found.value.id)
    const removed = await desk.api.tell({ method: 'DELETE', path })
    if (!removed.ok) return removed
    return accept({ document: found.value, text: `Removed the ${named(found.value)}.\n` })
  },
})

export const groupCommands = [create, list, show, change, members, addMember, removeMember, remove]

async function move(
  desk: OrganizationDesk,
  given: { readonly group: string; readonly member: string },
  { method, done }: { readonly method: 'PUT' | 'DELETE'; readonly done: string },
): Outcome {
  const group = await findGroup(desk, given.group)
  if (!group.ok) return group
  const principal = await findPrincipal(desk, given.member)
  if (!principal.ok) return principal
  const { id, name, word } = principal.value
  const path = desk.inside('groups', group.value.id, 'members', id)
  const moved = await desk.api.tell({ method, path })
  if (!moved.ok) return moved
  return accept({
    document: { group_id: group.value.id, principal_id: id },
    text: `The ${word} "${name}" ${done} the ${named(group.value)}.\n`,
  })
}

/** A group with the first page of its members and of its granted roles. */
async function readGroup({ api, inside }: OrganizationDesk, id: string) {
  const path = inside('groups', id, 'members')
  const page = await api.ask({ method: 'GET', path }, pageOf(groupMemberAnswer))
  if (!page.ok) return page
  const call = { method: 'GET', path: inside('bindings'), query: { group_id: id } } as const
  const bindings = await api.ask(call, pageOf(bindingAnswer))
  return bindings.ok ? accept({ members: page.value, bindings: bindings.value }) : bindings
}

async function told(desk: OrganizationDesk, group: GroupAnswer, headline: string): Outcome {
  const view = await readGroup(desk, group.id)
  if (!view.ok) return view
  const { members: page, bindings } = view.value
  const own = facts([
    ['name', group.name],
    ['id', group.id],
    ['description', group.description],
    ['created', createdText(group)],
  ])
  const more = page.next_cursor === null ? '' : `  more: countersign group members ${group.id}\n`
  const text =
    own +
    sections([
      ['Granted roles', grantedRolesText(bindings.items)],
      ['Members', membersText(page.items) + more],
    ])
  return accept({
    document: { ...group, granted_roles: bindings.items, members: page.items },
    text: underHeadline(headline, text),
  })
}

function membersText(items: readonly GroupMemberAnswer[]): string {
  return table(
    ['NAME', 'ID'],
    items.map(({ id, name }) => [name ?? '', id]),
  )
}

function named({ name }: GroupAnswer): string {
  return `group "${name}"`
}

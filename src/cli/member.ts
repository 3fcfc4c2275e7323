import { accept, refuse } from '../domain/result.ts'
import { grantedRolesText } from './account-text.ts'
import { createdText, moreText } from './answer-text.ts'
import type { MemberAnswer } from './answers.ts'
import { bindingAnswer, createdLinkAnswer, groupAnswer, memberAnswer, pageOf } from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { reference } from './fields.ts'
import { findMember } from './find.ts'
import { optional, required } from './inputs.ts'
import { linkText } from './link-text.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { removalConsequence } from './preview-text.ts'
import { readPreview, toldAccess, toldPreview } from './principal-access.ts'
import { facts, sections, table } from './print.ts'

const which = { member: required(reference('member'), 'Their email or id') }

const list = command({
  verb: 'list',
  summary: 'List the members',
  notes: ['Somebody becomes a member by an invitation: countersign invitation create.'],
  arguments: {},
  options: listInputs,
  run: async ({ api, inside }, given) => {
    const call = { method: 'GET', path: inside('members'), query: pageQuery(given) } as const
    const page = await api.ask(call, pageOf(memberAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((one) => [one.name, one.email, one.id, one.created_at])
    return accept({
      document: page.value,
      text: table(['NAME', 'EMAIL', 'ID', 'SINCE'], rows) + moreText(page.value),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with their granted roles and groups',
  arguments: which,
  options: {},
  run: async (desk, { member: text }) => {
    const found = await findMember(desk, text)
    return found.ok ? told(desk, found.value) : found
  },
})

const access = command({
  verb: 'access',
  summary: 'Show what they hold at each API, and why',
  arguments: which,
  options: { api: optional(reference('api'), 'At this API alone') },
  run: async (desk, { member: text, api }) => {
    const found = await findMember(desk, text)
    return found.ok ? toldAccess(desk, found.value.id, api) : found
  },
})

const preview = command({
  verb: 'preview',
  summary: 'Show what would end with their membership',
  arguments: which,
  options: {},
  run: async (desk, { member: text }) => {
    const found = await findMember(desk, text)
    return found.ok ? toldPreview(desk, found.value.id) : found
  },
})

const recoveryLink = command({
  verb: 'recovery-link',
  summary: 'Make a link by which they choose a new password, and show it this once',
  notes: [
    'For somebody who cannot sign in. Good once and for a day; another one replaces it. Using it ends their sessions and takes their second factor away.',
    'Beside the database alone: a person who is signed in makes one over HTTP, and no client does.',
  ],
  arguments: which,
  options: {},
  run: async (desk, { member: text }) => {
    const found = await findMember(desk, text)
    if (!found.ok) return found
    const path = desk.inside('members', found.value.id, 'recovery-link')
    const made = await desk.api.ask({ method: 'POST', path }, createdLinkAnswer)
    if (!made.ok) return made
    const { email, name } = found.value
    if (made.value.link === null) {
      const remedy = 'ask for another, which replaces it'
      return refuse({ reason: 'secret_lost', what: 'link', remedy })
    }
    return accept({
      document: made.value,
      text: linkText(made.value, `Hand it to ${name} (${email}) alone: who has it becomes them.`),
    })
  },
})

const remove = command({
  verb: 'remove',
  summary: 'End their membership for good',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async (desk, { member: text }) => {
    const found = await findMember(desk, text)
    if (!found.ok) return found
    const { id, name } = found.value
    const ending = await readPreview(desk, id)
    if (!ending.ok) return ending
    // Nobody is asked to confirm what will be refused.
    if (ending.value.is_last_owner) return refuse({ reason: 'last_owner' })
    const confirmed = await desk.confirm(removalConsequence(ending.value))
    if (!confirmed.ok) return confirmed
    const removed = await desk.api.tell({ method: 'DELETE', path: desk.inside('members', id) })
    if (!removed.ok) return removed
    return accept({ document: found.value, text: `Removed the member "${name}".\n` })
  },
})

export const memberCommands = [list, show, access, preview, recoveryLink, remove]

/** A member with the first page of what they hold. */
async function told({ api, inside }: OrganizationDesk, member: MemberAnswer): Outcome {
  const query = { principal_id: member.id }
  const held = { method: 'GET', path: inside('bindings'), query } as const
  const bindings = await api.ask(held, pageOf(bindingAnswer))
  if (!bindings.ok) return bindings
  const within = { method: 'GET', path: inside('groups'), query } as const
  const groups = await api.ask(within, pageOf(groupAnswer))
  if (!groups.ok) return groups
  const own = facts([
    ['name', member.name],
    ['email', member.email],
    ['id', member.id],
    ['member since', createdText(member)],
  ])
  const memberships = groups.value.items.map((group) => [group.name, group.id])
  const parts = sections([
    ['Granted roles', grantedRolesText(bindings.value.items)],
    ['Groups', table(['NAME', 'ID'], memberships)],
  ])
  return accept({
    document: { ...member, granted_roles: bindings.value.items, groups: groups.value.items },
    text: own + parts,
  })
}

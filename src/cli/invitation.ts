import { accept, refuse } from '../domain/result.ts'
import { createdText, moreText } from './answer-text.ts'
import type { InvitationAnswer } from './answers.ts'
import {
  createdInvitationAnswer,
  groupAnswer,
  invitationAnswer,
  pageOf,
  roleAnswer,
} from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { emailField, reference } from './fields.ts'
import { findEach, findGroup, findInvitation, findRole } from './find.ts'
import { repeated, required } from './inputs.ts'
import { linkText } from './link-text.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { facts, table, underHeadline } from './print.ts'

const which = {
  invitation: required(reference('invitation'), 'The email that it is for, or its id'),
}

const create = command({
  verb: 'create',
  summary: 'Invite somebody, and show the link this once',
  notes: [
    'Nothing is sent: hand the link over. Whoever opens it chooses a name and a password, or signs in if they have one. Nobody gives more than they hold.',
  ],
  arguments: { email: required(emailField, 'Of whoever is invited') },
  options: {
    role: repeated(reference('role'), 'A role they get, on the whole organization'),
    group: repeated(reference('group'), 'A group they are put into'),
  },
  examples: [
    "invitation create ada@example.com --role 'Member manager'",
    'invitation create ada@example.com --json | jq -r .link',
  ],
  run: async (desk, given) => {
    const roles = await findEach(given.role, async (text) => findRole(desk, text))
    if (!roles.ok) return roles
    const groups = await findEach(given.group, async (text) => findGroup(desk, text))
    if (!groups.ok) return groups
    const body = {
      email: given.email,
      role_ids: roles.value.map(({ id }) => id),
      group_ids: groups.value.map(({ id }) => id),
    }
    const path = desk.inside('invitations')
    const created = await desk.api.ask({ method: 'POST', path, body }, createdInvitationAnswer)
    if (!created.ok) return created
    if (created.value.link === null) {
      const remedy = `withdraw it (countersign invitation remove ${created.value.id}) and invite anew`
      return refuse({ reason: 'secret_lost', what: 'link', remedy })
    }
    const headline = `Invited ${created.value.email}. The link:`
    const hand = `Hand it to ${created.value.email}: who has it comes in.`
    return accept({
      document: created.value,
      text: underHeadline(headline, linkText(created.value, hand)),
    })
  },
})

const list = command({
  verb: 'list',
  summary: 'List the invitations that nobody has accepted yet',
  arguments: {},
  options: listInputs,
  run: async ({ api, inside }, given) => {
    const call = { method: 'GET', path: inside('invitations'), query: pageQuery(given) } as const
    const page = await api.ask(call, pageOf(invitationAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((one) => [
      one.email,
      one.id,
      one.expires_at,
      createdText(one),
    ])
    return accept({
      document: page.value,
      text: table(['EMAIL', 'ID', 'UNTIL', 'MADE'], rows) + moreText(page.value),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with the roles and groups that it gives',
  arguments: which,
  options: {},
  run: async (desk, { invitation: text }) => {
    const found = await findInvitation(desk, text)
    return found.ok ? told(desk, found.value) : found
  },
})

const remove = command({
  verb: 'remove',
  summary: 'Withdraw it: its link opens nothing any more',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async (desk, { invitation: text }) => {
    const found = await findInvitation(desk, text)
    if (!found.ok) return found
    const { id, email } = found.value
    const consequence = `This withdraws the invitation of ${email} (${id}): its link opens nothing any more.`
    const confirmed = await desk.confirm(consequence)
    if (!confirmed.ok) return confirmed
    const removed = await desk.api.tell({ method: 'DELETE', path: desk.inside('invitations', id) })
    if (!removed.ok) return removed
    return accept({ document: found.value, text: `Withdrew the invitation of ${email}.\n` })
  },
})

export const invitationCommands = [create, list, show, remove]

async function told(desk: OrganizationDesk, invitation: InvitationAnswer): Outcome {
  const roles = await namesOf(invitation.role_ids, async (id) =>
    desk.api.ask({ method: 'GET', path: desk.inside('roles', id) }, roleAnswer),
  )
  const groups = await namesOf(invitation.group_ids, async (id) =>
    desk.api.ask({ method: 'GET', path: desk.inside('groups', id) }, groupAnswer),
  )
  const shown = facts([
    ['email', invitation.email],
    ['id', invitation.id],
    ['roles', roles],
    ['groups', groups],
    ['until', invitation.expires_at],
    ['made', createdText(invitation)],
  ])
  return accept({ document: invitation, text: shown })
}

/** What cannot be seen, or is no longer there, is called by its id. */
async function namesOf(
  ids: readonly string[],
  read: (
    id: string,
  ) => Promise<
    { readonly ok: true; readonly value: { readonly name: string } } | { readonly ok: false }
  >,
): Promise<string> {
  const names: string[] = []
  for (const id of ids) {
    const one = await read(id)
    names.push(one.ok ? one.value.name : id)
  }
  return names.join(', ')
}

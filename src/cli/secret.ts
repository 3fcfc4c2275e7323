import { accept } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { endText, moreText, stateText } from './answer-text.ts'
import type { CredentialAnswer } from './answers.ts'
import { credentialAnswer, pageOf } from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { nameField, reference, whenOrNeverField } from './fields.ts'
import { findAccount, findCredential } from './find.ts'
import { optional, required } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { table, underHeadline } from './print.ts'
import { create } from './secret-create.ts'
import { credentialText } from './secret-text.ts'
import { generate } from './secret-generate.ts'

const whose = { account: required(reference('account'), 'Its name or client ID') }
const which = {
  ...whose,
  secret: required(reference('secret'), 'The name or the id of its secret'),
}

const list = command({
  verb: 'list',
  summary: 'List the secrets of an account, without what is secret',
  arguments: whose,
  options: listInputs,
  run: async (desk, { account: text, ...given }) => {
    const found = await findAccount(desk, text)
    if (!found.ok) return found
    const path = credentialsOf(desk, found.value.id)
    const call = { method: 'GET', path, query: pageQuery(given) } as const
    const page = await desk.api.ask(call, pageOf(credentialAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((credential) => [
      credential.name,
      credential.id,
      stateText(credential, desk.now),
      endText(credential.expires_at),
    ])
    return accept({
      document: page.value,
      text: table(['NAME', 'ID', 'STATE', 'EXPIRES'], rows) + moreText(page.value),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one, without what is secret',
  arguments: which,
  options: {},
  run: async (desk, given) => {
    const found = await findGiven(desk, given)
    return found.ok ? told(desk, found.value, '') : found
  },
})

const change = command({
  verb: 'change',
  summary: 'Change its name or its end',
  arguments: which,
  changes: ['name', 'expires'],
  options: {
    name: optional(nameField, 'Its new name'),
    expires: optional(whenOrNeverField, 'When it stops working, or never'),
  },
  examples: ['secret change ci github --expires 7d'],
  run: async (desk, { name, expires, ...given }) => {
    const found = await findGiven(desk, given)
    if (!found.ok) return found
    const end = typeof expires === 'number' ? isoText(expires) : expires
    const changed = await changeTo(desk, found.value, { name, expires_at: end })
    return changed.ok ? told(desk, changed.value, `Changed the ${named(changed.value)}.`) : changed
  },
})

const disable = command({
  verb: 'disable',
  summary: 'Refuse it, until it is enabled',
  arguments: which,
  options: {},
  run: async (desk, given) => turn(desk, given, false),
})

const enable = command({
  verb: 'enable',
  summary: 'Undo disable',
  arguments: which,
  options: {},
  run: async (desk, given) => turn(desk, given, true),
})

const remove = command({
  verb: 'remove',
  summary: 'Remove it for good',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async (desk, given) => {
    const found = await findGiven(desk, given)
    if (!found.ok) return found
    const { client_id: client, id } = found.value
    const consequence = `This removes the ${named(found.value)} (${id}) of the account ${client} for good.\nWhoever uses it gets no more tokens.`
    const confirmed = await desk.confirm(consequence)
    if (!confirmed.ok) return confirmed
    const path = credentialsOf(desk, client, id)
    const removed = await desk.api.tell({ method: 'DELETE', path })
    if (!removed.ok) return removed
    return accept({ document: found.value, text: `Removed the ${named(found.value)}.\n` })
  },
})

export const secretCommands = [create, generate, list, show, change, disable, enable, remove]

function credentialsOf({ inside }: OrganizationDesk, account: string, ...more: readonly string[]) {
  return inside('service-accounts', account, 'credentials', ...more)
}

type GivenSecret = { readonly account: string; readonly secret: string }

async function findGiven(desk: OrganizationDesk, { account, secret }: GivenSecret) {
  const found = await findAccount(desk, account)
  return found.ok ? findCredential(desk, found.value.id, secret) : found
}

async function changeTo(
  desk: OrganizationDesk,
  { client_id: client, id }: CredentialAnswer,
  body: Readonly<Record<string, unknown>>,
) {
  const path = credentialsOf(desk, client, id)
  return desk.api.ask({ method: 'PATCH', path, body }, credentialAnswer)
}

async function turn(desk: OrganizationDesk, given: GivenSecret, enabled: boolean): Outcome {
  const found = await findGiven(desk, given)
  if (!found.ok) return found
  const changed = await changeTo(desk, found.value, { enabled })
  if (!changed.ok) return changed
  const state = stateText(changed.value, desk.now)
  return told(desk, changed.value, `The ${named(changed.value)} is ${state}.`)
}

async function told(
  { now }: OrganizationDesk,
  credential: CredentialAnswer,
  headline: string,
): Outcome {
  const text = underHeadline(headline, credentialText(credential, now))
  return accept({ document: credential, text })
}

function named({ name }: CredentialAnswer): string {
  return `secret "${name}"`
}

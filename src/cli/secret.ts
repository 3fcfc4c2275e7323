import type { CredentialRecord } from '../domain/credential.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import {
  changeCredential,
  createClientSecret,
  disableCredential,
  enableCredential,
  listCredentials,
  removeCredential,
} from '../management/credentials.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { credentialDocument } from '../http/api/documents.ts'
import { nameField, reference, whenField, whenOrNeverField } from './fields.ts'
import { optional, required } from './inputs.ts'
import { createdText, endText, facts, stateText, table, underHeadline } from './print.ts'
import { findAccount, findSecret } from './references.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { generate } from './secret-generate.ts'

const whose = { account: required(reference('account'), 'Its name or client ID') }
const which = { secret: required(reference('secret'), 'Its id, or its name with --account') }
const owner = { account: optional(reference('account'), 'Whose secret it is') }

const create = command({
  verb: 'create',
  summary: 'Make a client secret, and show it this once',
  notes: [
    'The secret is shown in the answer and never again: only its hash is kept. An account can have ten at once, so that a new one can be in use before the old one goes.',
  ],
  arguments: { ...whose, name: required(nameField, 'Where it will be used') },
  options: { expires: optional(whenField, 'When it stops working') },
  examples: [
    'secret create ci github --expires 90d',
    'secret create ci github --json | jq -r .client_secret',
  ],
  run: async ({ house, act, organization }, { account: text, name, expires }) => {
    const found = await findAccount(house, organization, text)
    if (!found.ok) return found
    const outcome = await createClientSecret(house, act, {
      organization,
      principal: found.value.id,
      name,
      expiresAt: expires,
    })
    if (!outcome.ok) return outcome
    const { credential, secret } = outcome.value
    const shown = facts([
      ['client ID', credential.principal],
      ['client secret', secret],
      ['name', credential.name],
      ['id', credential.id],
      ['expires', endText(credential.expiresAt)],
    ])
    return accept({
      document: {
        id: credential.id,
        name: credential.name,
        client_id: credential.principal,
        client_secret: secret,
        expires_at: credential.expiresAt === undefined ? null : isoText(credential.expiresAt),
      },
      text: `${shown}\nFor a shell:\n\n  export CLIENT_ID=${credential.principal}\n  export CLIENT_SECRET=${secret}\n\nKeep it now: it will not be shown again.\n`,
    })
  },
})

const list = command({
  verb: 'list',
  summary: 'List the secrets of an account, without what is secret',
  arguments: whose,
  options: {},
  run: async ({ house, act, organization }, { account: text }) => {
    const found = await findAccount(house, organization, text)
    if (!found.ok) return found
    const outcome = await listCredentials(house, { organization, principal: found.value.id })
    if (!outcome.ok) return outcome
    const rows = outcome.value.items.map((credential) => [
      credential.name,
      credential.id,
      stateText(credential, act.at),
      endText(credential.expiresAt),
    ])
    return accept({
      document: { secrets: outcome.value.items.map(credentialDocument) },
      text: table(['NAME', 'ID', 'STATE', 'EXPIRES'], rows),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one, without what is secret',
  arguments: which,
  options: owner,
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
    ...owner,
    name: optional(nameField, 'Its new name'),
    expires: optional(whenOrNeverField, 'When it stops working, or never'),
  },
  examples: ['secret change github --account ci --expires 7d'],
  run: async (desk, { name, expires, ...given }) => {
    const { house, act, organization } = desk
    const found = await findGiven(desk, given)
    if (!found.ok) return found
    const credential = found.value.id
    const input = { organization, credential, name, expiresAt: expires }
    const outcome = await changeCredential(house, act, input)
    return outcome.ok ? told(desk, outcome.value, `Changed the ${named(outcome.value)}.`) : outcome
  },
})

const disable = command({
  verb: 'disable',
  summary: 'Refuse it, until it is enabled',
  arguments: which,
  options: owner,
  run: async (desk, given) => turn(desk, given, disableCredential),
})

const enable = command({
  verb: 'enable',
  summary: 'Undo disable',
  arguments: which,
  options: owner,
  run: async (desk, given) => turn(desk, given, enableCredential),
})

const remove = command({
  verb: 'remove',
  summary: 'Remove it for good',
  arguments: which,
  options: owner,
  asksFirst: true,
  run: async (desk, given) => {
    const { house, act, organization, confirm } = desk
    const found = await findGiven(desk, given)
    if (!found.ok) return found
    const consequence = `This removes the ${named(found.value)} (${found.value.id}) of the account ${found.value.principal} for good.\nWhoever uses it gets no more tokens.`
    const confirmed = await confirm(consequence)
    if (!confirmed.ok) return confirmed
    const outcome = await removeCredential(house, act, {
      organization,
      credential: found.value.id,
    })
    if (!outcome.ok) return outcome
    return accept({
      document: credentialDocument(outcome.value),
      text: `Removed the ${named(outcome.value)}.\n`,
    })
  },
})

export const secretCommands = [create, generate, list, show, change, disable, enable, remove]

type GivenSecret = { readonly secret: string; readonly account: string | undefined }

async function findGiven(
  { house, organization }: OrganizationDesk,
  { secret, account }: GivenSecret,
): Promise<Result<CredentialRecord, CommandRefusal>> {
  if (account === undefined) return findSecret(house, organization, secret, undefined)
  const found = await findAccount(house, organization, account)
  return found.ok ? findSecret(house, organization, secret, found.value.id) : found
}

async function turn(
  desk: OrganizationDesk,
  given: GivenSecret,
  verb: typeof enableCredential,
): Outcome {
  const { house, act, organization } = desk
  const found = await findGiven(desk, given)
  if (!found.ok) return found
  const outcome = await verb(house, act, { organization, credential: found.value.id })
  if (!outcome.ok) return outcome
  const state = stateText(outcome.value, act.at)
  return told(desk, outcome.value, `The ${named(outcome.value)} is ${state}.`)
}

async function told(
  { act }: OrganizationDesk,
  credential: CredentialRecord,
  headline: string,
): Outcome {
  const shown = facts([
    ['name', credential.name],
    ['id', credential.id],
    ['client ID', credential.principal],
    ['begins with', credential.handle && `csk_${credential.handle}_`],
    ['state', stateText(credential, act.at)],
    ['expires', endText(credential.expiresAt)],
    ['created', createdText(credential)],
  ])
  return accept({
    document: credentialDocument(credential),
    text: underHeadline(headline, shown),
  })
}

function named({ name }: CredentialRecord): string {
  return `secret "${name}"`
}

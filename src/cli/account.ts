import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { accountText } from './account-text.ts'
import { readAccount } from './account-view.ts'
import { endText, moreText, stateText } from './answer-text.ts'
import type { AccountAnswer } from './answers.ts'
import { accountAnswer, pageOf } from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import type { RoleReference } from './fields.ts'
import {
  descriptionField,
  lifetimeField,
  lifetimeOrDefaultField,
  nameField,
  reference,
  roleReferenceField,
  whenField,
  whenOrNeverField,
} from './fields.ts'
import { findAccount, findEach, findGroup, findRole } from './find.ts'
import { defaulted, optional, repeated, required } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { removalConsequence } from './preview-text.ts'
import { readPreview, toldAccess, toldPreview } from './principal-access.ts'
import { table, underHeadline } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { severalApisText } from './several-apis.ts'

const which = { account: required(reference('account'), 'Its name or client ID') }

const create = command({
  verb: 'create',
  summary: 'Create a service account, with its groups and roles',
  notes: [
    'It cannot get a token before it has a secret: countersign secret create.',
    'A role after whose name stands @resource is held on that resource alone.',
  ],
  arguments: { name: required(nameField, 'Unique in its organization') },
  options: {
    description: defaulted(descriptionField, '', 'What it is for'),
    expires: optional(whenField, 'When it stops working'),
    tokenLifetime: optional(lifetimeField, 'How long its tokens live at most'),
    group: repeated(reference('group'), 'A group it is in from the start'),
    role: repeated(roleReferenceField, 'A role it holds from the start'),
  },
  examples: [
    'account create deploy --role Deployer --role Operator@cluster/prod-eu',
    'account create ci --group Builders --expires 90d',
  ],
  run: async (desk, given) => {
    const groups = await findEach(given.group, async (text) => findGroup(desk, text))
    if (!groups.ok) return groups
    const roles = await findEach(given.role, async (one) => grantedRole(desk, one))
    if (!roles.ok) return roles
    const body = {
      name: given.name,
      description: given.description,
      expires_at: given.expires === undefined ? undefined : isoText(given.expires),
      token_lifetime_seconds: given.tokenLifetime,
      group_ids: groups.value.map(({ id }) => id),
      roles: roles.value,
    }
    const path = desk.inside('service-accounts')
    const created = await desk.api.ask({ method: 'POST', path, body }, accountAnswer)
    if (!created.ok) return created
    const { id, name } = created.value
    const shown = await told(desk, id, `Created the service account "${name}".`)
    if (!shown.ok) return shown
    const text = shown.value.text + (await severalApisText(desk, id))
    return accept({ ...shown.value, text })
  },
})

const list = command({
  verb: 'list',
  summary: 'List the service accounts',
  arguments: {},
  options: listInputs,
  run: async ({ api, inside, now }, given) => {
    const call = {
      method: 'GET',
      path: inside('service-accounts'),
      query: pageQuery(given),
    } as const
    const page = await api.ask(call, pageOf(accountAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((account) => [
      account.name,
      account.id,
      stateText(account, now),
      endText(account.expires_at),
    ])
    return accept({
      document: page.value,
      text: table(['NAME', 'CLIENT ID', 'STATE', 'EXPIRES'], rows) + moreText(page.value),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with its secrets, granted roles and groups',
  arguments: which,
  options: {},
  run: async (desk, { account: text }) => {
    const found = await findAccount(desk, text)
    return found.ok ? told(desk, found.value.id, '') : found
  },
})

const access = command({
  verb: 'access',
  summary: 'Show what it holds at each API, and why',
  arguments: which,
  options: { api: optional(reference('api'), 'At this API alone') },
  run: async (desk, { account: text, api }) => {
    const found = await findAccount(desk, text)
    return found.ok ? toldAccess(desk, found.value.id, api) : found
  },
})

const preview = command({
  verb: 'preview',
  summary: 'Show what would end with it, if it were removed or disabled',
  arguments: which,
  options: {},
  run: async (desk, { account: text }) => {
    const found = await findAccount(desk, text)
    return found.ok ? toldPreview(desk, found.value.id) : found
  },
})

const change = command({
  verb: 'change',
  summary: 'Change its name, description, end or token lifetime',
  arguments: which,
  changes: ['name', 'description', 'expires', 'tokenLifetime'],
  options: {
    name: optional(nameField, 'Its new name'),
    description: optional(descriptionField, 'What it is for'),
    expires: optional(whenOrNeverField, 'When it stops working, or never'),
    tokenLifetime: optional(lifetimeOrDefaultField, 'At most this long, or default'),
  },
  examples: ['account change ci --expires never --token-lifetime 5m'],
  run: async (desk, { account: text, name, description, expires, tokenLifetime }) => {
    const found = await findAccount(desk, text)
    if (!found.ok) return found
    const changed = await changeTo(desk, found.value, {
      name,
      description,
      expires_at: typeof expires === 'number' ? isoText(expires) : expires,
      token_lifetime_seconds: tokenLifetime,
    })
    if (!changed.ok) return changed
    return told(desk, changed.value.id, `Changed the service account "${changed.value.name}".`)
  },
})

const disable = command({
  verb: 'disable',
  summary: 'Give it no more tokens, until it is enabled',
  arguments: which,
  options: {},
  run: async (desk, { account }) => turn(desk, account, false),
})

const enable = command({
  verb: 'enable',
  summary: 'Undo disable',
  arguments: which,
  options: {},
  run: async (desk, { account }) => turn(desk, account, true),
})

const remove = command({
  verb: 'remove',
  summary: 'Remove it for good',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async (desk, { account: text }) => {
    const found = await findAccount(desk, text)
    if (!found.ok) return found
    const ending = await readPreview(desk, found.value.id)
    if (!ending.ok) return ending
    const confirmed = await desk.confirm(removalConsequence(ending.value))
    if (!confirmed.ok) return confirmed
    const { id, name } = found.value
    const path = desk.inside('service-accounts', id)
    const removed = await desk.api.tell({ method: 'DELETE', path })
    if (!removed.ok) return removed
    return accept({ document: found.value, text: `Removed the service account "${name}".\n` })
  },
})

export const accountCommands = [
  create,
  list,
  show,
  access,
  preview,
  change,
  disable,
  enable,
  remove,
]

async function changeTo(
  { api, inside }: OrganizationDesk,
  { id }: AccountAnswer,
  body: Readonly<Record<string, unknown>>,
) {
  const path = inside('service-accounts', id)
  return api.ask({ method: 'PATCH', path, body }, accountAnswer)
}

async function turn(desk: OrganizationDesk, text: string, enabled: boolean): Outcome {
  const found = await findAccount(desk, text)
  if (!found.ok) return found
  const changed = await changeTo(desk, found.value, { enabled })
  if (!changed.ok) return changed
  const state = stateText(changed.value, desk.now)
  return told(desk, found.value.id, `The service account "${changed.value.name}" is ${state}.`)
}

async function grantedRole(
  desk: OrganizationDesk,
  { role, resource }: RoleReference,
): Promise<Result<{ readonly role_id: string; readonly resource?: string }, CommandRefusal>> {
  const found = await findRole(desk, role)
  if (!found.ok) return found
  return accept({ role_id: found.value.id, ...(resource === undefined ? {} : { resource }) })
}

/** Answers with the whole account, under a headline if something was done to it. */
async function told(desk: OrganizationDesk, account: string, headline: string): Outcome {
  const view = await readAccount(desk, account)
  if (!view.ok) return view
  return accept({
    document: {
      ...view.value.account,
      credentials: view.value.credentials.items,
      granted_roles: view.value.bindings.items,
      groups: view.value.groups.items,
    },
    text: underHeadline(headline, accountText(view.value, desk.now)),
  })
}

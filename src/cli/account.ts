import type { ServiceAccountId } from '../domain/id.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { effectiveAccessOf } from '../management/access.ts'
import type { GrantedRole } from '../management/given-access.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  disableServiceAccount,
  enableServiceAccount,
  listServiceAccounts,
  removeServiceAccount,
  showServiceAccount,
} from '../management/service-accounts.ts'
import { accessText, accountText, removalConsequence } from './account-text.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import {
  accessDocument,
  accountDocument,
  bindingDocument,
  groupDocument,
  credentialDocument,
} from '../http/api/documents.ts'
import { pageDocument } from './page-document.ts'
import type { RoleReference } from './fields.ts'
import {
  descriptionField,
  idField,
  lifetimeField,
  lifetimeOrDefaultField,
  nameField,
  reference,
  roleReferenceField,
  whenField,
  whenOrNeverField,
} from './fields.ts'
import { defaulted, optional, repeated, required } from './inputs.ts'
import { endText, moreText, stateText, table, underHeadline } from './print.ts'
import { findAccount, findApi, findEach, findGroup, findRole } from './references.ts'
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
    const { house, act, organization } = desk
    const groups = await findEach(given.group, async (text) => findGroup(house, organization, text))
    if (!groups.ok) return groups
    const roles = await findEach(given.role, async (one) => grantedRole(desk, one))
    if (!roles.ok) return roles
    const outcome = await createServiceAccount(house, act, {
      organization,
      name: given.name,
      description: given.description,
      expiresAt: given.expires,
      tokenLifetime: given.tokenLifetime,
      groups: groups.value.map(({ id }) => id),
      roles: roles.value,
    })
    if (!outcome.ok) return outcome
    const { id, name } = outcome.value
    const created = await told(desk, id, `Created the service account "${name}".`)
    if (!created.ok) return created
    const text = created.value.text + (await severalApisText(desk, id))
    return accept({ ...created.value, text })
  },
})

const list = command({
  verb: 'list',
  summary: 'List the service accounts',
  arguments: {},
  options: { after: optional(idField('service_account'), 'Begin after this one') },
  run: async ({ house, act, organization }, { after }) => {
    const page = await listServiceAccounts(house, organization, { start: after })
    const rows = page.items.map((account) => [
      account.name,
      account.id,
      stateText(account, act.at),
      endText(account.expiresAt),
    ])
    return accept({
      document: pageDocument('service_accounts', page, accountDocument),
      text: table(['NAME', 'CLIENT ID', 'STATE', 'EXPIRES'], rows) + moreText(page.next),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with its secrets, granted roles and groups',
  arguments: which,
  options: {},
  run: async (desk, { account: text }) => {
    const found = await findAccount(desk.house, desk.organization, text)
    return found.ok ? told(desk, found.value.id, '') : found
  },
})

const access = command({
  verb: 'access',
  summary: 'Show what it holds at each API, and why',
  arguments: which,
  options: { api: optional(reference('api'), 'At this API alone') },
  run: async ({ house, act, organization }, given) => {
    const found = await findAccount(house, organization, given.account)
    if (!found.ok) return found
    const apis = await findEach(given.api === undefined ? [] : [given.api], async (text) =>
      findApi(house, organization, text),
    )
    if (!apis.ok) return apis
    const { issuer = '' } = house
    const place = { organization, principal: found.value.id }
    const audience = apis.value[0]?.audience
    const outcome = await effectiveAccessOf(house, place, { audience, now: act.at })
    if (!outcome.ok) return outcome
    const { access: held } = outcome.value
    return accept({
      document: {
        client_id: place.principal,
        access: held.map((one) => accessDocument(issuer, one)),
      },
      text: accessText(issuer, held),
    })
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
    const found = await findAccount(desk.house, desk.organization, text)
    if (!found.ok) return found
    const outcome = await changeServiceAccount(desk.house, desk.act, {
      organization: desk.organization,
      account: found.value.id,
      name,
      description,
      expiresAt: expires,
      tokenLifetime,
    })
    if (!outcome.ok) return outcome
    return told(desk, found.value.id, `Changed the service account "${outcome.value.name}".`)
  },
})

const disable = command({
  verb: 'disable',
  summary: 'Give it no more tokens, until it is enabled',
  arguments: which,
  options: {},
  run: async (desk, { account }) => turn(desk, account, disableServiceAccount),
})

const enable = command({
  verb: 'enable',
  summary: 'Undo disable',
  arguments: which,
  options: {},
  run: async (desk, { account }) => turn(desk, account, enableServiceAccount),
})

const remove = command({
  verb: 'remove',
  summary: 'Remove it for good',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async ({ house, act, organization, confirm }, { account: text }) => {
    const found = await findAccount(house, organization, text)
    if (!found.ok) return found
    const place = { organization, account: found.value.id }
    const view = await showServiceAccount(house, place)
    if (!view.ok) return view
    const confirmed = await confirm(removalConsequence(view.value))
    if (!confirmed.ok) return confirmed
    const outcome = await removeServiceAccount(house, act, place)
    if (!outcome.ok) return outcome
    return accept({
      document: accountDocument(outcome.value),
      text: `Removed the service account "${outcome.value.name}".\n`,
    })
  },
})

export const accountCommands = [create, list, show, access, change, disable, enable, remove]

async function turn(
  desk: OrganizationDesk,
  text: string,
  verb: typeof enableServiceAccount,
): Outcome {
  const { house, act, organization } = desk
  const found = await findAccount(house, organization, text)
  if (!found.ok) return found
  const outcome = await verb(house, act, { organization, account: found.value.id })
  if (!outcome.ok) return outcome
  const state = stateText(outcome.value, act.at)
  return told(desk, found.value.id, `The service account "${outcome.value.name}" is ${state}.`)
}

async function grantedRole(
  { house, organization }: OrganizationDesk,
  { role, resource }: RoleReference,
): Promise<Result<GrantedRole, CommandRefusal>> {
  const found = await findRole(house, organization, role)
  return found.ok ? accept({ role: found.value.id, resource }) : found
}

/** Answers with the whole account, under a headline if something was done to it. */
async function told(
  { house, act, organization }: OrganizationDesk,
  account: ServiceAccountId,
  headline: string,
): Outcome {
  const view = await showServiceAccount(house, { organization, account })
  if (!view.ok) return view
  const text = accountText(view.value, act.at)
  return accept({
    document: {
      ...accountDocument(view.value.account),
      credentials: view.value.credentials.map(credentialDocument),
      granted_roles: view.value.bindings.items.map(bindingDocument),
      groups: view.value.groups.map(groupDocument),
    },
    text: underHeadline(headline, text),
  })
}

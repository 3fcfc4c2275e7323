import type { ApiPermission } from '../domain/api.ts'
import type { Permission } from '../domain/permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { seconds } from '../domain/time.ts'
import { createdText, moreText } from './answer-text.ts'
import type { ApiAnswer } from './answers.ts'
import { apiAnswer, pageOf } from './answers.ts'
import type { Outcome } from './command.ts'
import { command } from './command.ts'
import { durationText } from './duration.ts'
import {
  audienceField,
  describedPermissionField,
  lifetimeField,
  nameField,
  permissionField,
  reference,
  signingAlgField,
  yesOrNoField,
} from './fields.ts'
import { findApi } from './find.ts'
import { flag, optional, repeated, required } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { facts, sections, table, underHeadline } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { signsText } from './signs-text.ts'

const which = { api: required(reference('api'), 'Its name, audience or id') }

const create = command({
  verb: 'create',
  summary: 'Register an API (a resource server) by its audience',
  notes: [
    'The audience is what tokens for this API say in "aud". It is unique in the whole server and never changes.',
  ],
  arguments: { audience: required(audienceField, 'An absolute URI') },
  options: {
    name: required(nameField, 'Unique in its organization'),
    tokenLifetime: optional(lifetimeField, 'How long tokens for it live; 15m unless said'),
    signingAlg: optional(signingAlgField, 'What signs its tokens; ES256 unless said'),
    applicationKeys: flag('Take the tokens of application keys, which act as a member'),
    permission: repeated(describedPermissionField, 'A right at it'),
  },
  examples: [
    "api create https://orders.example.com --name Orders --permission orders:read --permission 'orders:write=Place and change orders'",
  ],
  run: async (desk, given) => {
    const body = {
      audience: given.audience,
      name: given.name,
      token_lifetime_seconds: given.tokenLifetime,
      signing_alg: given.signingAlg,
      application_keys: given.applicationKeys,
      permissions: given.permission,
    }
    const path = desk.inside('apis')
    const created = await desk.api.ask({ method: 'POST', path, body }, apiAnswer)
    if (!created.ok) return created
    return told(created.value, `Registered the ${named(created.value)}.${signsText(created.value)}`)
  },
})

const list = command({
  verb: 'list',
  summary: 'List the APIs',
  arguments: {},
  options: listInputs,
  run: async ({ api, inside }, given) => {
    const call = { method: 'GET', path: inside('apis'), query: pageQuery(given) } as const
    const page = await api.ask(call, pageOf(apiAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((one) => [
      one.name,
      one.audience,
      durationText(seconds(one.token_lifetime_seconds)),
      one.signing_alg,
      String(one.permissions.length),
    ])
    return accept({
      document: page.value,
      text:
        table(['NAME', 'AUDIENCE', 'TOKENS', 'SIGNED', 'PERMISSIONS'], rows) + moreText(page.value),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with its permissions',
  arguments: which,
  options: {},
  run: async (desk, { api }) => {
    const found = await findApi(desk, api)
    return found.ok ? told(found.value, '') : found
  },
})

const change = command({
  verb: 'change',
  summary: 'Change its name, token lifetime, signing algorithm or permissions',
  notes: [
    'A permission goes only when no role holds it any more.',
    'Another algorithm signs at once where another API has had it for a while. Else its first key is published for so long before that every resource server knows it, and the one before goes on until then.',
  ],
  arguments: which,
  changes: [
    'name',
    'tokenLifetime',
    'signingAlg',
    'applicationKeys',
    'addPermission',
    'removePermission',
  ],
  options: {
    name: optional(nameField, 'Its new name'),
    tokenLifetime: optional(lifetimeField, 'How long tokens for it live'),
    signingAlg: optional(signingAlgField, 'What signs its tokens'),
    applicationKeys: optional(yesOrNoField, 'Whether it takes the tokens of application keys'),
    addPermission: repeated(describedPermissionField, 'A new right, or a new text'),
    removePermission: repeated(permissionField, 'A right that ends'),
  },
  examples: ['api change Orders --add-permission orders:refund --token-lifetime 5m'],
  run: async (desk, { api: text, ...given }) => {
    const found = await findApi(desk, text)
    if (!found.ok) return found
    const path = desk.inside('apis', found.value.id)
    const seen = await desk.api.see(path, apiAnswer)
    if (!seen.ok) return seen
    const { value: before, tag: ifMatch } = seen.value
    const permissions = withChanges(before, given.addPermission, given.removePermission)
    if (!permissions.ok) return permissions
    const body = {
      name: given.name,
      token_lifetime_seconds: given.tokenLifetime,
      signing_alg: given.signingAlg,
      application_keys: given.applicationKeys,
      permissions: permissions.value,
    }
    const call = { method: 'PATCH', path, body, ifMatch } as const
    const changed = await desk.api.ask(call, apiAnswer)
    if (!changed.ok) return changed
    const isNewAlg = changed.value.signing_alg !== before.signing_alg
    const signs = isNewAlg ? signsText(changed.value) : ''
    return told(changed.value, `Changed the ${named(changed.value)}.${signs}`)
  },
})

const remove = command({
  verb: 'remove',
  summary: 'Remove it for good',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async (desk, { api: text }) => {
    const found = await findApi(desk, text)
    if (!found.ok) return found
    const { id, audience } = found.value
    const consequence = `This removes the ${named(found.value)} for good, with all its permissions.\nNo token is made for ${audience} any more, and whoever may have that audience can register it.`
    const confirmed = await desk.confirm(consequence)
    if (!confirmed.ok) return confirmed
    const removed = await desk.api.tell({ method: 'DELETE', path: desk.inside('apis', id) })
    if (!removed.ok) return removed
    return accept({ document: found.value, text: `Removed the ${named(found.value)}.\n` })
  },
})

export const apiCommands = [create, list, show, change, remove]

type Permissions = readonly { readonly permission: string; readonly description: string }[]

/** All the permissions afterwards; `undefined` if they are not to change. */
function withChanges(
  { permissions: held }: ApiAnswer,
  added: readonly ApiPermission[],
  removed: readonly Permission[],
): Result<Permissions | undefined, CommandRefusal> {
  if (added.length === 0 && removed.length === 0) return accept(undefined)
  const stranger = removed.find((one) => !held.some(({ permission }) => permission === one))
  if (stranger !== undefined) {
    return refuse({ reason: 'permission_unknown', permission: stranger })
  }
  const gone = new Set<string>([...removed, ...added.map(({ permission }) => permission)])
  const kept = held.filter(({ permission }) => !gone.has(permission))
  return accept([...kept, ...added])
}

async function told(api: ApiAnswer, headline: string): Outcome {
  const own = facts([
    ['name', api.name],
    ['audience', api.audience],
    ['id', api.id],
    ['tokens live', durationText(seconds(api.token_lifetime_seconds))],
    ['signed with', api.signing_alg],
    ['application keys', api.application_keys ? 'taken' : 'not taken'],
    ['built in', api.built_in ? 'yes' : 'no'],
    ['created', createdText(api)],
  ])
  const rows = api.permissions.map(({ permission, description }) => [permission, description])
  const text = own + sections([['Permissions', table(['PERMISSION', 'MEANING'], rows)]])
  return accept({ document: api, text: underHeadline(headline, text) })
}

function named({ name }: ApiAnswer): string {
  return `API "${name}"`
}

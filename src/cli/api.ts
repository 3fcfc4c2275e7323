import type { Api } from '../domain/api.ts'
import type { SigningKeyTimes } from '../domain/key-ring.ts'
import { begins, keysOf } from '../domain/key-ring.ts'
import { absoluteAudience } from '../domain/management-permission.ts'
import { accept, refuse } from '../domain/result.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { NumericDate } from '../domain/time.ts'
import { earlier, isoText } from '../domain/time.ts'
import { changeApi, listApis, registerApi, removeApi } from '../management/apis.ts'
import { listSigningKeys } from '../management/signing-keys.ts'
import type { CommandHouse } from './command-house.ts'
import type { Outcome } from './command.ts'
import { command } from './command.ts'
import { apiDocument } from '../http/api/documents.ts'
import { pageDocument } from './page-document.ts'
import {
  audienceField,
  describedPermissionField,
  idField,
  lifetimeField,
  nameField,
  permissionField,
  reference,
  signingAlgField,
  yesOrNoField,
} from './fields.ts'
import { flag, optional, repeated, required } from './inputs.ts'
import { durationText } from './duration.ts'
import { createdText, facts, moreText, sections, table, underHeadline } from './print.ts'
import { findApi } from './references.ts'

const which = { api: required(reference('api'), 'Its name, audience or id') }

const create = command({
  verb: 'create',
  summary: 'Register an API (a resource server) by its audience',
  notes: [
    'The audience is what tokens for this API say in "aud". It is unique in the whole server and never changes. The environment must say ISSUER, which audiences are compared with.',
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
  run: async ({ house, act, organization }, given) => {
    const { issuer } = house
    if (issuer === undefined) {
      const problem = 'ISSUER must be set to register an API: audiences are compared with it'
      return refuse({ reason: 'settings_wrong', problems: [problem] })
    }
    const outcome = await registerApi({ ...house, issuer }, act, {
      organization,
      audience: given.audience,
      name: given.name,
      tokenLifetime: given.tokenLifetime,
      signingAlg: given.signingAlg,
      applicationKeys: given.applicationKeys,
      permissions: given.permission,
    })
    if (!outcome.ok) return outcome
    return told(
      house,
      outcome.value,
      `Registered the ${named(outcome.value)}.${await signsText(house, outcome.value, act.at)}`,
    )
  },
})

const list = command({
  verb: 'list',
  summary: 'List the APIs',
  arguments: {},
  options: { after: optional(idField('api'), 'Begin after this one') },
  run: async ({ house, organization }, { after }) => {
    const page = await listApis(house, organization, { start: after })
    const rows = page.items.map((api) => [
      api.name,
      absoluteAudience(house.issuer ?? '', api.audience),
      durationText(api.tokenLifetime),
      api.signingAlg,
      String(api.permissions.length),
    ])
    return accept({
      document: pageDocument('apis', page, (api) => apiDocument(house.issuer ?? '', api)),
      text:
        table(['NAME', 'AUDIENCE', 'TOKENS', 'SIGNED', 'PERMISSIONS'], rows) + moreText(page.next),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with its permissions',
  arguments: which,
  options: {},
  run: async ({ house, organization }, { api }) => {
    const found = await findApi(house, organization, api)
    return found.ok ? told(house, found.value, '') : found
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
  run: async ({ house, act, organization }, given) => {
    const found = await findApi(house, organization, given.api)
    if (!found.ok) return found
    const outcome = await changeApi(house, act, {
      organization,
      api: found.value.id,
      name: given.name,
      tokenLifetime: given.tokenLifetime,
      signingAlg: given.signingAlg,
      applicationKeys: given.applicationKeys,
      addPermissions: given.addPermission,
      removePermissions: given.removePermission,
    })
    if (!outcome.ok) return outcome
    const isNewAlg = outcome.value.signingAlg !== found.value.signingAlg
    const signs = isNewAlg ? await signsText(house, outcome.value, act.at) : ''
    return told(house, outcome.value, `Changed the ${named(outcome.value)}.${signs}`)
  },
})

const remove = command({
  verb: 'remove',
  summary: 'Remove it for good',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async ({ house, act, organization, confirm }, { api: text }) => {
    const found = await findApi(house, organization, text)
    if (!found.ok) return found
    const { id: api, audience } = found.value
    const consequence = `This removes the ${named(found.value)} for good, with all its permissions.\nNo token is made for ${audience} any more, and whoever may have that audience can register it.`
    const confirmed = await confirm(consequence)
    if (!confirmed.ok) return confirmed
    const outcome = await removeApi(house, act, { organization, api })
    if (!outcome.ok) return outcome
    return accept({
      document: apiDocument(house.issuer ?? '', outcome.value),
      text: `Removed the ${named(outcome.value)}.\n`,
    })
  },
})

export const apiCommands = [create, list, show, change, remove]

async function told({ issuer = '' }: CommandHouse, api: Api, headline: string): Outcome {
  const own = facts([
    ['name', api.name],
    ['audience', absoluteAudience(issuer, api.audience)],
    ['id', api.id],
    ['tokens live', durationText(api.tokenLifetime)],
    ['signed with', api.signingAlg],
    ['application keys', api.applicationKeys ? 'taken' : 'not taken'],
    ['built in', api.builtIn ? 'yes' : 'no'],
    ['created', createdText(api)],
  ])
  const rows = api.permissions.map(({ permission, description }) => [permission, description])
  const text = own + sections([['Permissions', table(['PERMISSION', 'MEANING'], rows)]])
  return accept({
    document: apiDocument(issuer, api),
    text: underHeadline(headline, text),
  })
}

/** What signs from now on and later; nothing of an API that never had another algorithm. */
async function signsText(house: CommandHouse, api: Api, now: NumericDate): Promise<string> {
  const { signingAlg: alg, signingAlgBefore: before } = api
  if (before === undefined) return ''
  const { keys } = await listSigningKeys(house)
  const begin = firstBegin(keys, alg)
  if (begin === undefined) {
    return `\n${before} signs its tokens until a key of ${alg} has been published for so long that every resource server knows it.`
  }
  if (begin <= now) return `\n${alg} signs its tokens from now on.`
  return `\n${before} signs its tokens until ${isoText(begin)}, and ${alg} from then on.`
}

/** When the first key of an algorithm begins to sign access tokens, if that is known. */
function firstBegin(keys: readonly SigningKeyTimes[], alg: SigningAlg): NumericDate | undefined {
  return keysOf(keys, { use: 'access_token', alg })
    .filter(begins)
    .map(({ signsFrom }) => signsFrom)
    .reduce<NumericDate | undefined>(earlier, undefined)
}

function named({ name }: Api): string {
  return `API "${name}"`
}

import { z } from 'zod'
import { parseSecret } from '../domain/secret.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { isoText, numericDate } from '../domain/time.ts'
import { meAnswer, organizationAnswer, pageOf } from './answers.ts'
import type { ApiClient } from './api-client.ts'
import type { Output } from './command.ts'
import type { World } from './desks.ts'
import { withDirectApi } from './desks.ts'
import type { Io } from './io.ts'
import { parseJson } from './json.ts'
import { managementToken } from './management-token.ts'
import type { PlaceWishes } from './place.ts'
import { choosePlace } from './place.ts'
import { safeJson, safeText } from './print.ts'
import type { Login } from './profiles.ts'
import type { ProgramOutcome } from './program.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { remoteApi } from './remote-api.ts'
import { notOurs } from './server-answer.ts'
import { clientText, operatorText } from './whoami-text.ts'

type Wishes = PlaceWishes & { readonly json: boolean }

/** What a token for the management API says of whom it was issued for. RFC 9068 §2.2. */
const claimsAnswer = z.looseObject({
  exp: z.int(),
  credential_id: z.string().nullable().default(null),
  scope: z.string().default(''),
  roles: z.array(z.string()).default([]),
  groups: z.array(z.string()).default([]),
  authorization_details: z
    .array(z.looseObject({ role: z.string(), resource: z.string() }))
    .default([]),
})

/** `countersign whoami`: who the commands on the nouns act as, and where, from the same words. */
export async function whoami({ json, ...wishes }: Wishes, io: Io, world: World): ProgramOutcome {
  const place = await choosePlace(wishes, io.env)
  if (!place.ok) return place
  const told =
    place.value.type === 'remote'
      ? await atServer(place.value.login)
      : await withDirectApi(io, world, besideDatabase)
  if (!told.ok) return told
  io.stdout.write(json ? safeJson(told.value.document) : safeText(told.value.text))
  return accept(undefined)
}

async function besideDatabase(api: ApiClient): Promise<Result<Output, CommandRefusal>> {
  const me = await api.ask({ method: 'GET', path: ['me'] }, meAnswer)
  if (!me.ok) return me
  const document = { ...me.value, issuer: api.issuer }
  return accept({ document, text: operatorText(document) })
}

async function atServer(login: Login): Promise<Result<Output, CommandRefusal>> {
  const token = await managementToken(login)
  if (!token.ok) return token
  // Whoever it was issued for may look into it; only resource servers have to doubt it.
  const [, payload = ''] = token.value.accessToken.split('.')
  const text = Buffer.from(payload, 'base64url').toString('utf8')
  const claims = claimsAnswer.safeParse(parseJson(text))
  if (!claims.success) return notOurs(login.issuer, 200)
  const api = remoteApi(login, token.value)
  const me = await api.ask({ method: 'GET', path: ['me'] }, meAnswer)
  if (!me.ok) return me
  const known = await api.ask(
    { method: 'GET', path: ['organizations'] },
    pageOf(organizationAnswer),
  )
  if (!known.ok) return known
  const { organization_id: organization } = me.value
  const { credential_id, scope, roles, groups, authorization_details: details, exp } = claims.data
  const document = {
    ...me.value,
    organization_name: known.value.items.find(({ id }) => id === organization)?.name ?? null,
    issuer: login.issuer,
    client_id: login.clientId,
    credential_id,
    handle: parseSecret(login.clientSecret)?.handle ?? null,
    permissions: scope.split(' ').filter((permission) => permission !== ''),
    roles,
    roles_on_resources: details.map(({ role, resource }) => ({ role, resource })),
    groups,
    token_ends_at: isoText(numericDate(exp)),
  }
  return accept({ document, text: clientText(document) })
}

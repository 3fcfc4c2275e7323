import { sql } from 'kysely'
import { Unavailable } from '../../../../src/domain/fault.ts'
import { seconds } from '../../../../src/domain/time.ts'
import type { EdgeRefusal } from '../../../../src/http/api/edge/edge-refusal.ts'
import { exportsOpenMax } from '../../../../src/http/api/edge/exports.ts'
import type { Incoming } from '../../../../src/http/edge.ts'
import { newApi } from '../../../management/desk.ts'
import type { Answered } from '../../../support/api.ts'
import { answered, signedInHeaders } from '../../../support/api.ts'
import type { Refused, Scene } from './scene.ts'
import { rawly } from './scene.ts'

const good = { name: 'never made' }
const toMake =
  (headers: Readonly<Record<string, string>>): Refused =>
  async ({ owner, own }) =>
    owner.call('POST', `${own}/service-accounts`, good, headers)

/** A body that breaks off, through the door of the house: whoever breaks off hears no answer. */
async function brokenOff({ api, owner, own }: Scene): Promise<Answered> {
  const url = `/api/v1${own}/service-accounts`
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
  const headers = { ...signedInHeaders(api, owner.token), 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body, duplex: 'half' } as const
  const incoming = { url, headers, socket: { remoteAddress: '192.0.2.1' } } as unknown as Incoming
  return answered(
    await api.house.rooms.fetch(new Request(`${api.issuer}${url}`, init), { incoming }),
  )
}

function takenAway(): never {
  throw new Unavailable('taken away', seconds(2))
}

/** While the database cannot be asked. */
async function away({ api, owner, own }: Scene): Promise<Answered> {
  const { management } = api.db
  Object.defineProperty(api.db, 'management', { get: takenAway, configurable: true })
  try {
    return await owner.call('GET', own)
  } finally {
    Object.defineProperty(api.db, 'management', { value: management, configurable: true })
  }
}

/** While as many others as may be are open and nobody reads them. */
async function exportedTooOften({ api, owner, own }: Scene): Promise<Answered> {
  const url = `/api/v1${own}/audit-entries`
  const headers = { ...signedInHeaders(api, owner.token), accept: 'application/jsonl' }
  const incoming = { url, headers, socket: { remoteAddress: '192.0.2.1' } } as unknown as Incoming
  const open = async () =>
    api.house.rooms.fetch(new Request(`${api.issuer}${url}`, { headers }), { incoming })
  const unread = []
  for (let each = 0; each < exportsOpenMax; each += 1) unread.push(await open())
  try {
    return await answered(await open())
  } finally {
    for (const { body } of unread) await body?.cancel()
  }
}

/** While a table is missing. */
async function broken(scene: Scene): Promise<Answered> {
  await rawly(scene, sql`alter table denied_call rename to lost`)
  try {
    return await scene.owner.call('GET', `${scene.own}/denied-calls`)
  } finally {
    await rawly(scene, sql`alter table lost rename to denied_call`)
  }
}

export const edgeRefusals: Readonly<Record<EdgeRefusal['reason'], Refused>> = {
  request_malformed: async ({ owner, own }) => owner.call('GET', `${own}/groups?limit=0`),
  body_incomplete: brokenOff,
  body_too_large: async ({ owner, own }) =>
    owner.call('POST', `${own}/groups`, { name: 'x'.repeat(70_000) }),
  content_type_unsupported: toMake({ 'content-type': 'text/plain' }),
  content_encoding_unsupported: toMake({ 'content-encoding': 'gzip' }),
  credentials_ambiguous: toMake({ authorization: 'Bearer a.b.c' }),
  authentication_needed: async ({ api, own }) => api.nobody('GET', own),
  token_invalid: async ({ api, own }) => api.caller({ authorization: 'Bearer a.b.c' })('GET', own),
  session_invalid: async ({ api, own }) =>
    api.caller({ cookie: `__Host-countersign=${api.desk().tokens.session()}` })('GET', own),
  origin_mismatched: toMake({ origin: 'https://elsewhere.example.com' }),
  csrf_token_mismatched: toMake({ 'x-csrf-token': 'x' }),
  path_unknown: async ({ owner }) => owner.call('GET', '/nowhere'),
  not_acceptable: async ({ owner, own }) =>
    owner.call('GET', `${own}/audit-entries`, undefined, { accept: 'text/csv' }),
  method_not_allowed: async ({ owner, own }) => owner.call('PUT', `${own}/groups`, good),
  member_immutable: async ({ api, owner, own }) => {
    const { id, name } = await newApi(api.desk(), owner.organization)
    return owner.call('PUT', `${own}/apis/${id}`, { name, audience: 'https://b.example.com' })
  },
  exports_too_many: exportedTooOften,
  server_error: broken,
  temporarily_unavailable: away,
}

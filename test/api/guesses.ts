import type { Chance } from '../fuzz/chance.ts'
import type { Request } from './call.ts'
import type { ApiDocument, Parameter, Place } from './schema.ts'
import { operationsOf } from './schema.ts'
import { fitting, spoiled } from './values.ts'

/** A call that somebody might make, right or wrong. */
export type Guess = { readonly place: Place; readonly request: Request }

export type Guesser = {
  readonly guess: (random: Chance) => Guess
  /** Remembers the ids that an answer told of, to ask for them later. */
  readonly learn: (text: string) => void
}

/** What takes tens of milliseconds by intent, because it is about passwords, is asked more seldom. */
const costly = new Set(['setUp', 'signIn', 'changePassword', 'acceptInvitation', 'recover'])
const seldom = 20

const idsKept = 40
const idForm = /"(?<id>(?<prefix>[a-z]{2,4})_[0-7][0-9a-hjkmnp-tv-z]{25})"/g

/** What the ids of a kind can stand for in a path or a body. */
const standsFor: Readonly<Record<string, readonly string[]>> = {
  org: ['organization_id'],
  sa: ['service_account_id', 'principal_id', 'actor_id', 'target_id'],
  mem: ['member_id', 'principal_id', 'actor_id'],
  crd: ['credential_id'],
  grp: ['group_id'],
  rol: ['role_id'],
  bnd: ['binding_id'],
  api: ['api_id'],
  key: ['application_key_id'],
  inv: ['invitation_id'],
  per: ['person_id'],
  ses: ['session_id'],
}

/** Guesses calls of a document. `first` is what is known to begin with, by what it stands for. */
export function guesser(
  document: ApiDocument,
  first: Readonly<Record<string, readonly string[]>>,
): Guesser {
  const known = new Map(Object.entries(first))
  const places = operationsOf(document)
  const often = places.filter(({ operationId }) => !costly.has(operationId))

  function guess(random: Chance): Guess {
    const among = random.below(seldom) === 0 ? places : often
    const place = among[random.below(among.length)]
    if (place === undefined) throw new Error('the document has no operation')
    return { place, request: requestFor({ document, random, known }, place) }
  }

  function learn(text: string): void {
    for (const { groups } of text.matchAll(idForm)) {
      const { id = '', prefix = '' } = groups ?? {}
      for (const name of standsFor[prefix] ?? []) {
        const ids = known.get(name) ?? []
        if (ids.includes(id)) continue
        // The first one is of the stage, and stays.
        known.set(
          name,
          ids.length < idsKept ? [...ids, id] : [...ids.slice(0, 1), ...ids.slice(2), id],
        )
      }
    }
  }

  return { guess, learn }
}

type Scene = Parameters<typeof fitting>[0]

function requestFor(scene: Scene, place: Place): Request {
  const { random } = scene
  const parameters = place.parameters ?? []
  const path = place.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    segment(
      scene,
      parameters.find((one) => one.name === name),
    ),
  )
  const query = parameters
    .filter((one) => one.in === 'query' && (one.required === true || random.below(3) === 0))
    .map((one) => `${one.name}=${encodeURIComponent(String(valueOf(scene, one)).toWellFormed())}`)
  if (random.below(40) === 0) query.push('no_such=1')
  return {
    method: place.method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers: headersFor(scene),
    ...bodyFor(scene, place),
  }
}

const oddSegments = ['x', '0', 'null', `sa_${'z'.repeat(26)}`, 'a'.repeat(3000), 'ORG_1'] as const

function segment(scene: Scene, parameter: Parameter | undefined): string {
  const { random, known } = scene
  if (parameter === undefined || random.below(25) === 0) return random.of(oddSegments)
  const ids = known.get(parameter.name) ?? []
  // Most calls are about the organization that the callers are in, and half about what is newest there.
  const wanted = parameter.name === 'organization_id' ? ids[0] : ids.at(-1)
  if (wanted !== undefined && random.below(10) < (wanted === ids[0] ? 9 : 5)) return wanted
  return String(fitting(scene, parameter.schema ?? {}, parameter.name))
}

function valueOf(scene: Scene, { name, schema = {} }: Parameter): unknown {
  const good = fitting(scene, schema, name)
  return scene.random.below(4) === 0 ? spoiled(good, scene.random) : good
}

type Headers = Readonly<Record<string, string>>

function headersFor({ random }: Scene): Headers {
  const headers: Record<string, string> = {}
  if (random.below(6) === 0) {
    headers['if-match'] = random.of(['"1"', '"2", "3"', '*', 'W/"1"', '1', '"', ''])
  }
  if (random.below(6) === 0) {
    headers['idempotency-key'] = random.of(['a', 'b', 'c d', 'k'.repeat(255), 'k'.repeat(256)])
  }
  return random.below(15) === 0 ? { ...headers, ...random.of(wrongHeaders) } : headers
}

/** What no caller of ours sends: another way in than theirs, a proof that is none, no JSON. */
const wrongHeaders: readonly [Headers, ...Headers[]] = [
  { authorization: 'Bearer x' },
  { authorization: 'Basic eDp5' },
  { cookie: '__Host-countersign=x' },
  { origin: 'https://elsewhere.example.com' },
  { 'x-csrf-token': 'x' },
  { 'content-type': 'text/plain' },
]

const brokenBodies = [
  '',
  '{',
  '[]',
  'null',
  '"x"',
  '{"a":1,"a":2}',
  '\ufeff{}',
  '['.repeat(9000),
  'x'.repeat(70_000),
]

function bodyFor(scene: Scene, { method, requestBody }: Place): Pick<Request, 'body' | 'raw'> {
  const { random } = scene
  const schema = requestBody?.content['application/json']?.schema
  if (schema === undefined) return method === 'DELETE' && random.below(30) === 0 ? { body: {} } : {}
  const chosen = random.below(10)
  if (chosen === 0) return { raw: brokenBodies[random.below(brokenBodies.length)] ?? '' }
  const body = fitting(scene, schema, '')
  return { body: chosen < 4 ? spoiled(body, random) : body }
}

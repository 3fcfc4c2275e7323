import fc from 'fast-check'
import type { Chance } from '../fuzz/chance.ts'
import type { ApiDocument, Schema } from './schema.ts'
import { resolved } from './schema.ts'

/** Ids and names that are there, by what a member or parameter is called. */
export type Known = ReadonlyMap<string, readonly string[]>

type Scene = { readonly document: ApiDocument; readonly random: Chance; readonly known: Known }

const itemsAtMost = 3
const charactersAtMost = 40

/** A value that a schema allows, from a seed. `called` is the name of the member that it is for. */
export function fitting(scene: Scene, given: Schema, called: string): unknown {
  const { document, random, known } = scene
  const schema = resolved(document, given)
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[random.below(schema.enum.length)]
  const arms = schema.anyOf ?? schema.oneOf
  if (arms !== undefined) return fitting(scene, arms[random.below(arms.length)] ?? {}, called)
  const held = known.get(called.replace(/_ids$/, '_id')) ?? []
  const isOne = held.length > 0 && schema.type !== 'array' && random.below(5) > 0
  return isOne ? held[random.below(held.length)] : ofType(scene, schema, called)
}

function ofType(scene: Scene, schema: Schema, called: string): unknown {
  const { random } = scene
  switch (typeOf(schema, random)) {
    case 'object':
      return object(scene, schema)
    case 'array':
      return Array.from({ length: Math.max(schema.minItems ?? 0, random.below(itemsAtMost)) }, () =>
        fitting(scene, schema.items ?? {}, called),
      )
    case 'integer':
    case 'number':
      return number(schema, random)
    case 'boolean':
      return random.below(2) === 0
    case 'null':
      return null
    default:
      return called === 'email' ? emailFrom(random) : text(schema, random)
  }
}

function typeOf({ type, properties }: Schema, random: Chance): string {
  if (typeof type === 'string') return type
  if (type !== undefined) return type[random.below(type.length)] ?? 'string'
  return properties === undefined ? 'string' : 'object'
}

function object(scene: Scene, { properties = {}, required = [] }: Schema): object {
  const wanted = Object.entries(properties).filter(
    ([name]) => required.includes(name) || scene.random.below(3) === 0,
  )
  return Object.fromEntries(wanted.map(([name, schema]) => [name, fitting(scene, schema, name)]))
}

function number({ minimum = 0, maximum = minimum + 1000 }: Schema, random: Chance): number {
  return minimum + random.below(maximum - minimum + 1)
}

function text(schema: Schema, random: Chance): string {
  if (schema.format === 'date-time') return moment(random)
  if (schema.pattern !== undefined) return matching(schema.pattern, random)
  const { minLength = 0, maxLength = charactersAtMost } = schema
  const length = minLength + random.below(Math.min(maxLength, charactersAtMost) - minLength + 1)
  return Array.from({ length }, () => random.of(letters)).join('')
}

const letters = ['a', 'b', 'Z', '0', '9', '-', ' ', '.', 'é', '漢', '\u{1f511}', "'"] as const

function emailFrom(random: Chance): string {
  return `p${random.below(1e6)}@example.com`
}

function moment(random: Chance): string {
  return new Date(Date.UTC(2020 + random.below(30), random.below(12), 1)).toISOString()
}

const patterns = new Map<string, fc.Arbitrary<string>>()

function matching(pattern: string, random: Chance): string {
  const known = patterns.get(pattern) ?? fc.stringMatching(new RegExp(pattern, 'u'))
  patterns.set(pattern, known)
  const [value = ''] = fc.sample(known, { numRuns: 1, seed: random.below(2 ** 31) })
  return value
}

/** A value with one thing wrong somewhere inside, or in the place of all of it. */
export function spoiled(value: unknown, random: Chance): unknown {
  if (!isRecord(value) || random.below(6) === 0) return random.of(oddities)(random)
  const names = Object.keys(value)
  const name = names[random.below(names.length)]
  if (name === undefined || random.below(6) === 0) return { ...value, [oddName(random)]: 1 }
  if (random.below(3) === 0) {
    return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name))
  }
  return { ...value, [name]: spoiledWithin(value[name], random) }
}

function spoiledWithin(value: unknown, random: Chance): unknown {
  if (Array.isArray(value) && value.length > 0 && random.below(2) === 0) {
    return [...value, spoiled(value[0], random)]
  }
  return isRecord(value) ? spoiled(value, random) : random.of(oddities)(random)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function oddName(random: Chance): string {
  return random.of(['__proto__', 'constructor', 'id', 'organization_id', 'hash', '', 'é'])
}

const oddities: readonly [Oddity, ...Oddity[]] = [
  () => null,
  () => '',
  () => ' ',
  () => 'x'.repeat(5000),
  () => '\0',
  () => 'a\ud800',
  () => '\u202eevil',
  () => "'; drop table api; --",
  () => 0,
  () => -1,
  () => 1.5,
  () => 2 ** 53,
  () => 1e308,
  () => true,
  () => [],
  () => ({}),
  () => [[[[[]]]]],
  () => ({ a: { b: { c: {} } } }),
  () => '9999-12-31T23:59:59Z',
  () => '0000-01-01T00:00:00Z',
  (random) => Array.from({ length: 200 }, () => random.below(10)),
]
type Oddity = (random: Chance) => unknown

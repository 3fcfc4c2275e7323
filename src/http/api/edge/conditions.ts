import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { Version } from '../../../domain/version.ts'
import { parseVersion } from '../../../domain/version.ts'
import type { ApiRoute } from '../route.ts'
import type { EdgeRefusal, Place } from './edge-refusal.ts'

/** The validator of an object in one of its versions. RFC 9110 §8.8.3. */
export function entityTag(version: Version): string {
  return `"${version}"`
}

/** Preconditions that no route compares anything with. RFC 9110 §13.1. */
const foreignConditions = ['If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since'] as const

/**
 * A condition that is not looked at would be broken without a word, and what the caller wanted to
 * prevent would be done: so whatever is not looked at is refused. Where nothing is changed, a condition
 * keeps nothing from being done.
 */
export function whyUnconditional(route: ApiRoute, headers: Headers): EdgeRefusal | undefined {
  if (route.method === 'get') return undefined
  const unread: readonly Unread[] = [
    ...foreignConditions.map((at) => [at, 'is not looked at: only If-Match is'] as const),
    ...(hasVersion(route) ? [] : [['If-Match', 'what is changed here has no version'] as const]),
  ]
  const places = unread
    .filter(([at]) => headers.has(at))
    .map(([at, problem]): Place => ({ in: 'header', at, problem }))
  return places.length === 0 ? undefined : { reason: 'request_malformed', places }
}

type Unread = readonly [at: string, problem: string]

/** Whether the versions in `If-Match` are compared with that of what it changes. */
export function hasVersion({ refusals }: Pick<ApiRoute, 'refusals'>): boolean {
  return refusals.includes('version_mismatched')
}

const tagsMax = 20

/**
 * The versions that `If-Match` allows; `undefined` if it is not there or allows any that exists. A tag
 * that is weak or none of ours matches nothing, because the comparison is strong. RFC 9110 §13.1.1.
 */
export function readIfMatch(
  header: string | null,
): Result<readonly Version[] | undefined, EdgeRefusal> {
  if (header === null || header.trim() === '*') return accept(undefined)
  const tags = header.split(',').map((tag) => tag.trim())
  if (tags.length > tagsMax || tags.some((tag) => !/^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(tag))) {
    const problem = 'not a list of entity tags, such as "3"'
    return refuse({
      reason: 'request_malformed',
      places: [{ in: 'header', at: 'If-Match', problem }],
    })
  }
  return accept(tags.flatMap((tag) => parseVersion(tag.slice(1, -1)) ?? []))
}

const idempotencyKeyForm = /^[\x21-\x7e]{1,255}$/

/**
 * What a caller calls a creation, so that it can ask for it again without doing it again. Where nothing
 * is remembered by it, it is refused: whoever sends it believes that they may ask again.
 */
export function readIdempotencyKey(
  { method, replayable }: Pick<ApiRoute, 'method' | 'replayable'>,
  header: string | null,
): Result<string | undefined, EdgeRefusal> {
  // What is no POST is the same done once or twice. RFC 9110 §9.2.2.
  if (header === null || (!replayable && method !== 'post')) return accept(undefined)
  if (replayable && idempotencyKeyForm.test(header)) return accept(header)
  const problem = replayable
    ? 'not 1 to 255 visible ASCII characters'
    : 'is not taken here: asking again would do it again'
  return refuse({
    reason: 'request_malformed',
    places: [{ in: 'header', at: 'Idempotency-Key', problem }],
  })
}

import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { Version } from '../../../domain/version.ts'
import { parseVersion } from '../../../domain/version.ts'
import type { EdgeRefusal } from './edge-refusal.ts'

/** The validator of an object in one of its versions. RFC 9110 §8.8.3. */
export function entityTag(version: Version): string {
  return `"${version}"`
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

/** What a caller calls a creation, so that it can ask for it again without doing it again. */
export function readIdempotencyKey(header: string | null): Result<string | undefined, EdgeRefusal> {
  if (header === null) return accept(undefined)
  if (idempotencyKeyForm.test(header)) return accept(header)
  const problem = 'not 1 to 255 visible ASCII characters'
  return refuse({
    reason: 'request_malformed',
    places: [{ in: 'header', at: 'Idempotency-Key', problem }],
  })
}

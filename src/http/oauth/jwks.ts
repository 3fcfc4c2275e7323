import { Hono } from 'hono'
import { Unavailable } from '../../domain/fault.ts'
import { publishedKeys } from '../../domain/key-ring.ts'
import type { NumericDate, Seconds } from '../../domain/time.ts'
import { seconds } from '../../domain/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Caller } from '../../ports/events.ts'
import type { Freshness } from '../../ports/freshness.ts'
import type { PublishedKey, SigningKeys } from '../../ports/signing-keys.ts'
import { jwks } from '../../protocol/jwks.ts'
import { jwksPath } from '../../protocol/metadata.ts'
import type { Answer } from '../answer.ts'
import { toResponse } from '../answer.ts'
import type { Edge, Incoming } from '../edge.ts'
import type { PublicDocument } from './document.ts'
import { answerPreflight, documentTo, publicDocument } from './document.ts'

type Needs = {
  readonly signingKeys: SigningKeys
  readonly freshness: Pick<Freshness, 'state'>
  readonly clock: Pick<Clock, 'now'>
}

type Options = {
  /** How long others may keep the keys. */
  readonly maxAge: Seconds
  /** How long a key is published after it stopped signing. */
  readonly keptFor: Seconds
}

const retryAfter = seconds(5)

/** Answers a request for the keys. */
export type AnswerKeys = (incoming: Incoming, caller: Caller) => Answer

/**
 * The public keys. RFC 7517 §5. A process that no longer hears the database does not know of a new
 * or a withdrawn key, so nobody may keep what it says; and one that knows no key says so rather than
 * hand out an empty set for others to keep.
 */
export function keyAnswers(ports: Needs, { maxAge, keptFor }: Options): AnswerKeys {
  const current = jwksDocument(ports.signingKeys, keptFor)
  const keepable = `public, max-age=${maxAge}`
  return (incoming, caller) => {
    const document = current(ports.clock.now())
    if (document === undefined) throw new Unavailable('no key to publish', retryAfter)
    const cacheControl = ports.freshness.state() === 'fresh' ? keepable : 'no-cache'
    return documentTo(caller, incoming, { ...document, cacheControl })
  }
}

export function jwksEndpoint(answerKeys: AnswerKeys): Hono<Edge> {
  return new Hono<Edge>()
    .get(jwksPath, (c) => toResponse(answerKeys(c.env.incoming, c.env.caller)))
    .options(jwksPath, answerPreflight)
}

/** Makes the document anew only when the keys or the second changed. */
function jwksDocument(
  { all }: SigningKeys,
  keptFor: Seconds,
): (now: NumericDate) => PublicDocument | undefined {
  let ring: readonly PublishedKey[] | undefined
  let moment: NumericDate | undefined
  let document: PublicDocument | undefined
  return (now) => {
    if (ring === all() && moment === now) return document
    ring = all()
    moment = now
    const keys = publishedKeys(ring, { now, keptFor })
    document = keys.length === 0 ? undefined : publicDocument(jwks(keys))
    return document
  }
}

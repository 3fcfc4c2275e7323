import { setTimeout as pause } from 'node:timers/promises'
import type { Result } from '../domain/result.ts'
import { refuse } from '../domain/result.ts'
import type { ServerAnswer, ServerRefusal } from './server-answer.ts'

type Answered = Result<ServerAnswer, ServerRefusal>

/** Before each further time that something is asked. */
const pausesMilliseconds = [300, 1500] as const
/** What a server may wish for instead. */
const pauseMillisecondsMax = 5000

/** No answer of the server itself: of something on the way, or of a server that stood still over it. */
const lostStatuses: ReadonlySet<number> = new Set([502, 503, 504])

/**
 * Asks for a creation until there is an answer, a few times. It may have been done when an answer is
 * lost, so it goes under the same `Idempotency-Key` each time: the server does it once. Where nothing
 * could be sent, nothing was done, and whoever called can do as they like.
 */
export async function insisted(ask: () => Promise<Answered>): Promise<Answered> {
  let answered = await ask()
  if (!isLost(answered) || isUnreached(answered)) return answered
  for (const milliseconds of pausesMilliseconds) {
    await pause(Math.max(milliseconds, wishedPause(answered)))
    answered = await ask()
    if (!isLost(answered)) return answered
  }
  return isShed(answered) ? answered : refuse(answerLost(answered))
}

function isLost(answered: Answered): boolean {
  return answered.ok
    ? lostStatuses.has(answered.value.status)
    : answered.refusal.reason === 'server_away'
}

function isUnreached(answered: Answered): boolean {
  return !answered.ok && 'unreached' in answered.refusal && answered.refusal.unreached
}

/** The server says by itself that it cannot, and when it can: that tells more. */
function isShed(answered: Answered): boolean {
  return answered.ok && answered.value.status === 503 && answered.value.document !== undefined
}

/** RFC 9110 §10.2.3, in seconds. */
function wishedPause(answered: Answered): number {
  const seconds = answered.ok ? Number(answered.value.headers.get('retry-after') ?? 0) : 0
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, pauseMillisecondsMax) : 0
}

function answerLost(answered: Answered): ServerRefusal {
  const times = pausesMilliseconds.length + 1
  if (answered.ok) {
    return { reason: 'answer_lost', times, why: `status ${answered.value.status}` }
  }
  const why = 'why' in answered.refusal ? answered.refusal.why : undefined
  return { reason: 'answer_lost', times, why }
}

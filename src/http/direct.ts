import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Events } from '../ports/events.ts'
import { writeAnswer } from './answer.ts'
import { bodyBytesMax } from './body.ts'
import type { CallerNeeds } from './edge.ts'
import { readCaller } from './edge.ts'
import { faultTo } from './fault.ts'
import type { AnswerToken } from './oauth/token.ts'

/** Answers a request if it is of the kind it knows, and says whether it was. */
export type AnswerDirectly = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

type Needs = CallerNeeds & { readonly events: Events }

/**
 * The way of the ordinary token request, over Node's own objects: the detour over a web `Request`
 * and `Response` costs a twentieth of what a token costs, and nearly all requests are of this kind.
 * What is unusual in any way (another path or method, a query, no length, too long) goes the other
 * way, to the very same answers.
 */
export function directTokenAnswers(
  path: string,
  answerToken: AnswerToken,
  needs: Needs,
): AnswerDirectly {
  return (incoming, outgoing) => {
    if (incoming.url !== path || incoming.method !== 'POST' || !isShort(incoming)) return false
    const caller = readCaller(incoming, needs)
    void answerToken(incoming, caller)
      .catch((fault: unknown) => faultTo(caller, { method: 'POST', path, fault }, needs.events))
      .then((answer) => writeAnswer(outgoing, answer))
    return true
  }
}

function isShort({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? Infinity) <= bodyBytesMax
}

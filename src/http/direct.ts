import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller, Events } from '../ports/events.ts'
import type { Answer } from './answer.ts'
import { writeAnswer } from './answer.ts'
import { announcesTooMuch } from './body.ts'
import type { CallerNeeds } from './edge.ts'
import { readCaller } from './edge.ts'
import { faultTo } from './fault.ts'

/** Answers a request if it is of a kind it knows, and says whether it was. */
export type AnswerDirectly = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

/** A room that machines come to all day. */
export type BusyRoom = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly answer: (incoming: IncomingMessage, caller: Caller) => Answer | Promise<Answer>
}

type Needs = CallerNeeds & { readonly events: Events }

/**
 * The way of ordinary requests to the busy rooms, over Node's own objects: the detour over a web
 * `Request` and `Response` costs a twentieth of what a token costs, and half of what the keys cost.
 * What is unusual in any way (another path or method, a query, a body of unknown length or too long,
 * one that has no business there) goes the other way, to the very same answers.
 */
export function directAnswers(rooms: readonly BusyRoom[], needs: Needs): AnswerDirectly {
  const answered = async (room: BusyRoom, incoming: IncomingMessage, caller: Caller) => {
    try {
      return await room.answer(incoming, caller)
    } catch (fault) {
      const { method, path } = room
      return faultTo(caller, { method, path, fault }, needs.events)
    }
  }
  return (incoming, outgoing) => {
    const { url, method } = incoming
    const room = rooms.find((each) => each.path === url && each.method === method)
    if (room === undefined || !isOrdinary(incoming)) return false
    void answered(room, incoming, readCaller(incoming, needs)).then((answer) =>
      writeAnswer(outgoing, answer),
    )
    return true
  }
}

function isOrdinary(incoming: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = incoming.headers
  if (coding !== undefined) return false
  if (incoming.method === 'GET') return length === undefined
  return length !== undefined && !announcesTooMuch(incoming)
}

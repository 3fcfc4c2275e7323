import type { Incoming } from '../../src/http/edge.ts'
import type { TestHouse } from '../support/house.ts'
import type { Answer } from './answers.ts'

/** How somebody is recognised: the headers of all their requests. */
export type Caller = Readonly<Record<string, string>>

export const nobody: Caller = {}

export function bearer(token: string): Caller {
  return { authorization: `Bearer ${token}` }
}

export type Request = {
  readonly method: string
  /** Behind `/api/v1`. */
  readonly path: string
  readonly body?: unknown
  /** In the place of a body: what may not even be JSON. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One call of the management API, over HTTP. */
export async function call(
  { issuer }: Pick<TestHouse, 'issuer'>,
  caller: Caller,
  { method, path, body, raw, headers = {} }: Request,
): Promise<Answer> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const content = sent === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(`${issuer}/api/v1${path}`, {
    method,
    headers: { ...caller, ...content, ...headers },
    ...(sent === undefined ? {} : { body: sent }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The same call through the door of the house, without a connection: for very many. */
export async function callInside(
  { issuer, house }: Pick<TestHouse, 'issuer' | 'house'>,
  caller: Caller,
  { method, path, body, raw, headers: more = {} }: Request,
): Promise<Answer> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const content = sent === undefined ? {} : { 'content-type': 'application/json' }
  const headers = { ...caller, ...content, ...more }
  const url = `/api/v1${path}`
  const request = new Request(`${issuer}${url}`, { method, headers, body: sent ?? null })
  const incoming = { url, headers, socket: { remoteAddress: '192.0.2.1' } } as unknown as Incoming
  const response = await house.rooms.fetch(request, { incoming })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The document in an answer. */
// oxlint-disable-next-line typescript/no-explicit-any -- what JSON.parse gives
export function json({ text }: Answer): any {
  return JSON.parse(text)
}

/** The document in the answer to a call that has to be done. */
// oxlint-disable-next-line typescript/no-explicit-any -- what JSON.parse gives
export async function done(...asked: Parameters<typeof call>): Promise<any> {
  const answer = await call(...asked)
  if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.text}`)
  return answer.text === '' ? undefined : json(answer)
}

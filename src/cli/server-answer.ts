import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { parseJson } from './json.ts'
import { faultCode, networkFaultText } from './network-fault.ts'

/** What a server answered, read to its end. */
export type ServerAnswer = {
  readonly status: number
  readonly headers: Headers
  /** Its body as JSON; `undefined` if it is none. */
  readonly document: unknown
  readonly traceId: string | undefined
}

export type ServerRefusal =
  | {
      readonly reason: 'server_away'
      readonly url: string
      readonly why: string | undefined
      /** Whether nothing can have come there. */
      readonly unreached?: boolean
    }
  /** Nobody answered to a creation, and it may have been done. */
  | { readonly reason: 'answer_lost'; readonly times: number; readonly why: string | undefined }
  /** Something answers there, but not as this server does. */
  | { readonly reason: 'server_strange'; readonly url: string; readonly status: number }
  /** It broke off: what came before is good, and is not all. */
  | { readonly reason: 'answer_cut'; readonly url: string; readonly why: string | undefined }

/** Takes some lines of an answer. */
export type Take = (text: string) => void

const answerMillisecondsMax = 15_000
const answerBytesMax = 10_000_000

/**
 * Asks a server and reads its answer, or hands on a good one as it comes. A redirection is never
 * followed: whoever could send one could have the credentials sent elsewhere.
 */
export async function askServer(
  url: string,
  request: RequestInit,
  take?: Take,
): Promise<Result<ServerAnswer, ServerRefusal>> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(new Error('timed out')), answerMillisecondsMax)
  try {
    const response = await fetch(url, { ...request, redirect: 'manual', signal: patience.signal })
    if (response.status >= 300 && response.status < 400) return notOurs(url, response.status)
    if (response.ok && take !== undefined) {
      return await handedOn(url, response, (text) => {
        timer.refresh()
        take(text)
      })
    }
    const text = await textWithin(response, answerBytesMax)
    if (text === undefined) return notOurs(url, response.status)
    return accept(answerOf(response, text))
  } catch (error) {
    const fault = faultBehind(error)
    const unreached = unreachedCodes.has(faultCode(fault))
    return refuse({ reason: 'server_away', url, why: networkFaultText(fault), unreached })
  } finally {
    clearTimeout(timer)
  }
}

async function handedOn(
  url: string,
  response: Response,
  take: Take,
): Promise<Result<ServerAnswer, ServerRefusal>> {
  try {
    await handOn(response, take)
    return accept(answerOf(response, ''))
  } catch (error) {
    return refuse({ reason: 'answer_cut', url, why: networkFaultText(faultBehind(error)) })
  }
}

/** In whole lines: of an answer that breaks off nobody gets half a line. */
export async function handOn({ body }: Response, take: Take): Promise<void> {
  const decoder = new TextDecoder()
  let begun = ''
  for await (const part of body ?? []) {
    begun += decoder.decode(part, { stream: true })
    const end = begun.lastIndexOf('\n') + 1
    take(begun.slice(0, end))
    begun = begun.slice(end)
  }
  take(begun)
}

export function answerOf({ status, headers }: Response, text: string): ServerAnswer {
  const traceId = headers.get('trace-id') ?? undefined
  return { status, headers, document: parseJson(text), traceId }
}

export function notOurs(url: string, status: number) {
  return refuse({ reason: 'server_strange', url, status } satisfies ServerRefusal)
}

async function textWithin(response: Response, bytesMax: number): Promise<string | undefined> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.byteLength
    if (bytes > bytesMax) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Nobody is there, or there is no there. */
const unreachedCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** `fetch` says no more than that it failed; why is in what is behind it. */
function faultBehind(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? error) : error
}

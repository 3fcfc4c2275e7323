/** What the load generator is asked for, and what it says then. */

export type Job = {
  readonly ports: readonly number[]
  readonly streams: readonly Stream[]
  readonly milliseconds: number
}

/** Requests of one kind. The streams of a job run side by side. */
export type Stream = {
  /** Whole HTTP requests, sent in turn. */
  readonly requests: readonly string[]
  /** What a 200 must hold: a token, or anything. */
  readonly answers: 'tokens' | 'keys'
  readonly connections: number
  /** Requests a second, whatever the answers do; without it, as many as are answered. */
  readonly perSecond?: number
  /** The loopback addresses that it comes from, in turn. */
  readonly from?: readonly string[]
}

/** What came of one stream. */
export type StreamResult = {
  /** From the first request to the last answer. */
  readonly milliseconds: number
  /** What each answer that was a 200 took, in milliseconds. */
  readonly latencies: readonly number[]
  /** What else came, such as `503 with Retry-After` or `no answer`, and how often. */
  readonly others: Readonly<Record<string, number>>
  /** The first answer that was no 200. */
  readonly example?: string
  /** Some of the tokens, for somebody else to verify. */
  readonly samples: readonly string[]
}

export type Report =
  | { readonly ok: true; readonly value: readonly StreamResult[] }
  | { readonly ok: false; readonly refusal: string }

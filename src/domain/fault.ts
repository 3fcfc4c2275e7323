import type { Seconds } from './time.ts'

/**
 * The server cannot say the truth just now: its database is away, or it has no room. The caller
 * should come again after `retryAfter`. `message` is for the operator's log, never for the caller.
 */
export class Unavailable extends Error {
  readonly retryAfter: Seconds

  constructor(message: string, retryAfter: Seconds, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Unavailable'
    this.retryAfter = retryAfter
  }
}

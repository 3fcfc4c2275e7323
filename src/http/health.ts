import { Hono } from 'hono'
import { answer, noStore } from './answer.ts'
import type { Edge } from './edge.ts'

/** What this process still lacks to answer requests, in words for operators; empty when it is ready. */
export type Readiness = () => readonly string[]

/**
 * Two questions with different cures. `live`: is the process running at all (if not, restart it)?
 * It asks nobody, least of all the database. `ready`: may requests be sent to it?
 */
export function healthEndpoints({ readiness }: { readonly readiness: Readiness }): Hono<Edge> {
  return new Hono<Edge>()
    .get('/health/live', (c) =>
      answer(c, JSON.stringify({ status: 'live' }), { status: 200, headers: noStore }),
    )
    .get('/health/ready', (c) => {
      const reasons = readiness()
      return reasons.length === 0
        ? answer(c, JSON.stringify({ status: 'ready' }), { status: 200, headers: noStore })
        : answer(c, JSON.stringify({ status: 'not_ready', reasons }), {
            status: 503,
            headers: noStore,
          })
    })
}

import { apiPath } from '../../../protocol/metadata.ts'
import type { ProblemStatus } from './faces/face.ts'

/** A refusal as the caller reads it. RFC 9457 §3; facts are extension members (§3.2). */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: ProblemStatus
  readonly detail: string
  /** The reason: what programs compare. */
  readonly code: string
  readonly trace_id: string
  readonly [fact: string]: unknown
}

export type ProblemContext = {
  readonly issuer: string
  readonly traceId: string
  readonly status?: ProblemStatus | undefined
}

type Said = { readonly status: ProblemStatus; readonly title: string; readonly detail: string }

/**
 * The problem document of a refusal that this is said of. Its type is the place in the reference page
 * that explains it; `status` is given where a thing is unknown that the body named, and not the path.
 */
export function problemDocument(
  refusal: { readonly reason: string },
  { status: usual, title, detail }: Said,
  { issuer, traceId, status = usual }: ProblemContext,
): Problem {
  const { reason, ...facts } = refusal
  return {
    type: `${issuer.replace(/\/$/, '')}${apiPath}/docs#problem-${reason}`,
    title,
    status,
    detail,
    code: reason,
    trace_id: traceId,
    ...snakeCased(facts),
  }
}

/** Names are written on the wire as everywhere in the API. */
function snakeCased(facts: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}

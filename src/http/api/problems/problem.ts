import { absoluteAudience } from '../../../domain/management-permission.ts'
import { apiPath } from '../../../protocol/metadata.ts'
import type { ProblemStatus } from './faces/face.ts'
import type { CallRefusal, Reason, RefusalOf } from './problem-table.ts'
import { problemFaces } from './problem-table.ts'

/** A refusal as the caller reads it. RFC 9457 §3; facts are extension members (§3.2). */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: ProblemStatus
  readonly detail: string
  /** The reason: what programs compare. */
  readonly code: Reason
  readonly trace_id: string
  readonly [fact: string]: unknown
}

/** The sentence of a refusal, for whoever reads it: over HTTP and at the terminal. */
export function detailOf(refusal: CallRefusal): string {
  return faceOf(refusal.reason, refusal).detail
}

/**
 * The problem document of a refusal. Its type is the place in the reference page that explains it;
 * `status` is given where a thing is unknown that the body named, and not the path.
 */
export function problemOf(
  refused: CallRefusal,
  { issuer, traceId, status }: ProblemContext,
): Problem {
  const refusal = inFull(refused, issuer)
  const { reason, ...facts } = refusal
  const face = faceOf(reason, refusal)
  return {
    type: problemType(issuer, reason),
    title: face.title,
    status: status ?? face.status,
    detail: face.detail,
    code: reason,
    trace_id: traceId,
    ...snakeCased(facts),
  }
}

export type ProblemContext = {
  readonly issuer: string
  readonly traceId: string
  readonly status?: ProblemStatus | undefined
}

function problemType(issuer: string, reason: Reason): string {
  return `${issuer.replace(/\/$/, '')}${apiPath}/docs#problem-${reason}`
}

/** The management API is named by the address that requests name it by, not as it is stored. */
function inFull(refusal: CallRefusal, issuer: string): CallRefusal {
  return 'audience' in refusal
    ? { ...refusal, audience: absoluteAudience(issuer, refusal.audience) }
    : refusal
}

function faceOf<R extends Reason>(reason: R, refusal: RefusalOf<R>) {
  const [status, title, detail] = problemFaces[reason]
  return { status, title, detail: detail(refusal) }
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

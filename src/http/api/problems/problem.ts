import { absoluteAudience } from '../../../domain/management-permission.ts'
import type { Problem, ProblemContext } from './problem-document.ts'
import { problemDocument } from './problem-document.ts'
import type { CallRefusal, Reason, RefusalOf } from './problem-table.ts'
import { problemFaces } from './problem-table.ts'

/** The sentence of a refusal, for whoever reads it: over HTTP and at the terminal. */
export function detailOf(refusal: CallRefusal): string {
  return faceOf(refusal.reason, refusal).detail
}

/** The problem document of a refusal. */
export function problemOf(refused: CallRefusal, context: ProblemContext): Problem {
  const refusal = inFull(refused, context.issuer)
  return problemDocument(refusal, faceOf(refusal.reason, refusal), context)
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

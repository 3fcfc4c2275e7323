import type { BindingSubject } from '../../../domain/binding.ts'
import type { GroupId, PrincipalId } from '../../../domain/id.ts'
import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { EdgeRefusal } from '../edge/edge-refusal.ts'

type Named = {
  readonly principal_id: PrincipalId | null
  readonly group_id: GroupId | null
}

/** Whom a body grants a role to. */
export function subjectIn(body: Named): Result<BindingSubject, EdgeRefusal> {
  const { principal_id: principal, group_id: group } = body
  const subject = subjectOf(principal ?? undefined, group ?? undefined)
  return subject === undefined || (principal !== null && group !== null)
    ? refuse(whySubjectsTwo('body'))
    : accept(subject)
}

export function subjectOf(
  principal: PrincipalId | undefined,
  group: GroupId | undefined,
): BindingSubject | undefined {
  if (principal !== undefined) return { type: 'principal', id: principal }
  return group === undefined ? undefined : { type: 'group', id: group }
}

export function whySubjectsTwo(part: 'query' | 'body'): EdgeRefusal {
  const at = part === 'query' ? 'principal_id' : '/principal_id'
  const problem = 'name a principal or a group: one of the two'
  return { reason: 'request_malformed', places: [{ in: part, at, problem }] }
}

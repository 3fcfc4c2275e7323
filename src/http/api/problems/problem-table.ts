import type { EdgeRefusal } from '../edge/edge-refusal.ts'
import type { AuthorityRefusal } from './faces/authority.ts'
import { authorityFaces } from './faces/authority.ts'
import type { AuditRefusal } from './faces/audit.ts'
import { auditFaces } from './faces/audit.ts'
import { edgeFaces } from './faces/edge.ts'
import type { Faces } from './faces/face.ts'
import type { IdempotencyRefusal } from './faces/idempotency.ts'
import { idempotencyFaces } from './faces/idempotency.ts'
import type { NounRefusal } from './faces/nouns.ts'
import { nounFaces } from './faces/nouns.ts'
import type { PeopleRefusal } from './faces/people.ts'
import { peopleFaces } from './faces/people.ts'

/** Every way in which management says no. Whoever brings new ones adds their union and their faces. */
export type ManagementRefusal =
  | NounRefusal
  | AuthorityRefusal
  | AuditRefusal
  | PeopleRefusal
  | IdempotencyRefusal
  | Extract<EdgeRefusal, { readonly reason: 'session_invalid' }>

/** Every reason for which a call of the management API is refused. */
export type CallRefusal = ManagementRefusal | EdgeRefusal
export type Reason = CallRefusal['reason']

/** A refusal that has one of these reasons. */
export type RefusalOf<R extends Reason> = Extract<CallRefusal, { readonly reason: R }>

/**
 * The one table of what refusals mean, to callers and at the terminal. What is unknown is 404; where
 * it is the body that names it, the route makes that 422.
 */
export const problemFaces: Faces<CallRefusal> = {
  ...edgeFaces,
  ...nounFaces,
  ...authorityFaces,
  ...auditFaces,
  ...peopleFaces,
  ...idempotencyFaces,
}

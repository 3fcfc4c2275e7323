import type { ConcernRefusal } from '../../../../management/ports.ts'
import type { Faces } from './face.ts'

export type IdempotencyRefusal = Exclude<
  ConcernRefusal,
  { readonly reason: 'organization_unknown' | 'session_invalid' }
>

export const idempotencyFaces: Faces<IdempotencyRefusal> = {
  // Only where what was made cannot be shown again.
  request_replayed: [
    409,
    'It was done before',
    ({ target }) => `a call with this Idempotency-Key has made ${target.id} already`,
  ],
  idempotency_key_reused: [
    422,
    'The Idempotency-Key was used for something else',
    () => 'a key belongs to one request: send another for another',
  ],
}

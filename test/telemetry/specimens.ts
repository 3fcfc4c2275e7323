import { expect } from 'vitest'
import { parseAudience } from '../../src/domain/api.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import { encodeId } from '../../src/domain/id.ts'
import type { Kid } from '../../src/domain/key-ring.ts'
import { encodeSecret } from '../../src/domain/secret.ts'
import { milliseconds, seconds } from '../../src/domain/time.ts'
import type { Caller, Event } from '../../src/ports/events.ts'

export const caller: Caller = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  network: '192.0.2.7',
  userAgent: 'curl/8.5.0',
  since: milliseconds(0),
}
const client = encodeId('service_account', new Uint8Array(16).fill(1))
const organization = encodeId('organization', new Uint8Array(16).fill(5))
const person = encodeId('person', new Uint8Array(16).fill(6))
const session = encodeId('session', new Uint8Array(16).fill(7))
const credential = encodeId('credential', new Uint8Array(16).fill(2))
const audience = parseAudience('https://api.example.com') ?? expect.unreachable()
export const { secret } = encodeSecret(new Uint8Array(12).fill(3), new Uint8Array(32).fill(4))

/** An event of every kind. */
export const everyKind: Readonly<Record<Event['kind'], Event>> = {
  token_issued: {
    kind: 'token_issued',
    caller,
    client,
    credential,
    audience,
    jti: 'mZ3kV0p1cQ7r9sTuVwXyZA',
    kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' as Kid,
    alg: 'ES256',
    lifetime: seconds(3600),
    stale: false,
  },
  token_refused: {
    kind: 'token_refused',
    caller,
    client,
    reason: 'credential_mismatch',
    facts: { credential },
  },
  sign_in_accepted: { kind: 'sign_in_accepted', caller, person, session },
  sign_in_refused: { kind: 'sign_in_refused', caller, person, reason: 'password_wrong' },
  request_failed: {
    kind: 'request_failed',
    caller,
    method: 'POST',
    path: '/oauth2/token',
    status: 503,
    error: unstacked(new Unavailable('no room', seconds(1))),
  },
  management_call: {
    kind: 'management_call',
    caller,
    actor: { type: 'operator', id: 'operator:ada', name: 'ada' },
    operation: 'createServiceAccount',
    status: 409,
    refusal: 'service_account_name_taken',
  },
  management_denied: {
    kind: 'management_denied',
    caller,
    actor: {
      type: 'service_account',
      id: client,
      name: 'robot',
      organization,
      by: { type: 'token', client, gotWith: credential, jti: 'mZ3kV0p1cQ7r9sTuVwXyZA', scope: [] },
    },
    operation: 'removeRole',
    organization,
    reason: 'permission_missing',
  },
  request_rejected: { kind: 'request_rejected', caller, reason: 'unreadable', code: 'HPE_STRICT' },
  requests_shed: { kind: 'requests_shed', count: 1234 },
  records_dropped: { kind: 'records_dropped', of: 'token_refusals', count: 12 },
  records_failed: {
    kind: 'records_failed',
    of: 'denied_calls',
    error: unstacked(new Error('away')),
  },
  room_failed: { kind: 'room_failed', room: 'api', error: unstacked(new Error('gone')) },
  tail_failed: { kind: 'tail_failed', error: unstacked(new Error('away')) },
  tail_recovered: { kind: 'tail_recovered' },
  key_rotation_failed: { kind: 'key_rotation_failed', error: unstacked(new Error('away')) },
  completion_failed: { kind: 'completion_failed', error: unstacked(new Error('away')) },
  retention_failed: { kind: 'retention_failed', error: unstacked(new Error('away')) },
  memory_dropped: { kind: 'memory_dropped', why: 'a new epoch' },
  clock_differs: { kind: 'clock_differs', seconds: -7 },
  clock_agrees: { kind: 'clock_agrees' },
  signing_keys_unusable: {
    kind: 'signing_keys_unusable',
    problems: ['signing key abc cannot be opened: seal_broken'],
  },
  signing_keys_changed: {
    kind: 'signing_keys_changed',
    keys: [
      {
        kid: 'abc',
        use: 'access_token',
        alg: 'ES256',
        signs_from: '2026-01-01T00:00:00Z',
        revoked_at: null,
        sealed_under: 'def',
      },
    ],
  },
}

function unstacked(error: Error): Error {
  error.stack = `${error.name}: ${error.message}`
  return error
}

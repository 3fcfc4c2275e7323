import { describe, expect, it } from 'vitest'
import type { Audience } from '../../src/domain/api.ts'
import { encodeId } from '../../src/domain/id.ts'
import type { Kid } from '../../src/domain/key-ring.ts'
import { milliseconds, seconds } from '../../src/domain/time.ts'
import type { Event, RejectionReason } from '../../src/ports/events.ts'
import { tallies } from '../../src/telemetry/tallies.ts'

const caller = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  network: '192.0.2.7',
  userAgent: undefined,
  since: milliseconds(1000),
}

const bytes = new Uint8Array(16)
const ada = encodeId('person', bytes)

function issued(stale: boolean): Event {
  return {
    kind: 'token_issued',
    caller,
    client: 'sa_1',
    credential: encodeId('credential', new Uint8Array(16)),
    audience: 'https://api.example.com' as Audience,
    jti: 'mZ3kV0p1cQ7r9sTuVwXyZA',
    kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' as Kid,
    alg: 'ES256',
    lifetime: seconds(900),
    stale,
  }
}

function failed(status: number, path: string): Event {
  return { kind: 'request_failed', caller, method: 'POST', path, status, error: undefined }
}

/** What is counted of these events, and which durations are told. */
function counted(...events: readonly Event[]) {
  const observed: unknown[] = []
  const { record, read } = tallies({
    clock: { monotonic: () => milliseconds(1250) },
    observe: (outcome, took) => observed.push([outcome, took]),
  })
  for (const event of events) record(event)
  return { ...read(), observed }
}

describe('what is counted of events', () => {
  it('tells tokens that were issued from stale memory from the others', () => {
    const { issued: found, observed } = counted(issued(false), issued(true), issued(true))
    expect(found.get('ES256')).toEqual({ fresh: 1, stale: 2 })
    expect(observed).toEqual(Array.from({ length: 3 }, () => ['issued', 0.25]))
  })

  it('times what failed at the token endpoint alone', () => {
    const { failed: found, observed } = counted(
      failed(503, '/tenant/oauth2/token'),
      failed(500, '/oauth2/token'),
      failed(503, '/.well-known/jwks.json'),
    )
    expect([...found]).toEqual([
      ['500', 1],
      ['503', 2],
    ])
    expect(observed).toEqual([
      ['unavailable', 0.25],
      ['failed', 0.25],
    ])
  })

  it('adds up what was shed, which is told once a second', () => {
    const { shedCount, notices } = counted(
      { kind: 'requests_shed', count: 40 },
      { kind: 'requests_shed', count: 2 },
    )
    expect(shedCount).toBe(42)
    expect(notices.get('requests_shed')).toBe(2)
    expect(notices.get('memory_dropped')).toBe(0)
  })

  it('counts who signed in, and why others could not', () => {
    const { signInCount, signInsRefused } = counted(
      { kind: 'sign_in_accepted', caller, person: ada, session: encodeId('session', bytes) },
      { kind: 'sign_in_refused', caller, person: ada, reason: 'code_wrong' },
      { kind: 'sign_in_refused', caller, person: undefined, reason: 'person_unknown' },
      { kind: 'sign_in_refused', caller, person: undefined, reason: 'person_unknown' },
    )
    expect(signInCount).toBe(1)
    expect(Object.fromEntries(signInsRefused)).toMatchObject({
      person_unknown: 2,
      code_wrong: 1,
      password_wrong: 0,
    })
  })

  it('counts what was rejected, whatever the parser calls it', () => {
    const counts = counted(
      rejected('host_malformed'),
      rejected('unreadable', 'HPE_INVALID_METHOD'),
      rejected('unreadable', 'HPE_HEADER_OVERFLOW'),
    ).rejected
    expect(Object.fromEntries(counts)).toEqual({
      host_malformed: 1,
      transfer_coding_unsupported: 0,
      target_malformed: 0,
      connect_unsupported: 0,
      expectation_unknown: 0,
      pipeline_too_long: 0,
      unreadable: 2,
    })
  })
})

function rejected(reason: RejectionReason, code?: string): Event {
  return { kind: 'request_rejected', caller, reason, code }
}

import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/ports/events.ts'
import { loggedEvents } from '../../src/telemetry/events.ts'
import { openLog } from '../../src/telemetry/log.ts'
import { caller, everyKind, secret } from './specimens.ts'

describe('the log line of an event', () => {
  it('has the level, the words and the fields that its kind asks for', () => {
    const lines = Object.values(everyKind).map((event) => {
      const { time: _, pid: __, hostname: ___, ...line } = logged(event)
      if (line['error'] !== undefined) line['error'] = JSON.stringify(line['error'])
      return line
    })
    expect(lines).toMatchInlineSnapshot(`
      [
        {
          "alg": "ES256",
          "audience": "https://api.example.com",
          "client_id": "sa_01040g2081040g2081040g2081",
          "credential_id": "crd_02081040g2081040g2081040g2",
          "expires_in": 3600,
          "jti": "mZ3kV0p1cQ7r9sTuVwXyZA",
          "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
          "level": "debug",
          "msg": "token issued",
          "network": "192.0.2.7",
          "stale": false,
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "user_agent": "curl/8.5.0",
        },
        {
          "client_id": "sa_01040g2081040g2081040g2081",
          "facts": {
            "credential": "crd_02081040g2081040g2081040g2",
          },
          "level": "info",
          "msg": "token refused",
          "network": "192.0.2.7",
          "reason": "credential_mismatch",
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "user_agent": "curl/8.5.0",
        },
        {
          "level": "info",
          "msg": "signed in",
          "network": "192.0.2.7",
          "person_id": "per_060r30c1g60r30c1g60r30c1g6",
          "session_id": "ses_070w3ge1r70w3ge1r70w3ge1r7",
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "user_agent": "curl/8.5.0",
        },
        {
          "level": "info",
          "msg": "sign-in refused",
          "network": "192.0.2.7",
          "person_id": "per_060r30c1g60r30c1g60r30c1g6",
          "reason": "password_wrong",
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "user_agent": "curl/8.5.0",
        },
        {
          "error": "{"type":"Unavailable","message":"no room"}",
          "level": "warn",
          "method": "POST",
          "msg": "request failed",
          "network": "192.0.2.7",
          "path": "/oauth2/token",
          "status": 503,
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "user_agent": "curl/8.5.0",
        },
        {
          "actor": {
            "id": "operator:ada",
            "type": "operator",
          },
          "level": "info",
          "msg": "management call",
          "network": "192.0.2.7",
          "operation": "createServiceAccount",
          "reason": "service_account_name_taken",
          "status": 409,
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "user_agent": "curl/8.5.0",
        },
        {
          "actor": {
            "id": "sa_01040g2081040g2081040g2081",
            "type": "service_account",
          },
          "level": "info",
          "msg": "management call denied",
          "network": "192.0.2.7",
          "operation": "removeRole",
          "organization_id": "org_050m2ga1850m2ga1850m2ga185",
          "reason": "permission_missing",
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "user_agent": "curl/8.5.0",
        },
        {
          "code": "HPE_STRICT",
          "level": "info",
          "msg": "request rejected",
          "network": "192.0.2.7",
          "reason": "unreadable",
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "user_agent": "curl/8.5.0",
        },
        {
          "count": 1234,
          "level": "warn",
          "msg": "requests were shed: overload",
        },
        {
          "count": 12,
          "level": "warn",
          "msg": "refusals were not written down: too many",
          "of": "token_refusals",
        },
        {
          "error": "{"type":"Error","message":"away","stack":"Error: away"}",
          "level": "warn",
          "msg": "refusals cannot be written down",
          "of": "denied_calls",
        },
        {
          "error": "{"type":"Error","message":"gone","stack":"Error: gone"}",
          "level": "error",
          "msg": "a part of the server cannot be loaded",
          "room": "api",
        },
        {
          "error": "{"type":"Error","message":"away","stack":"Error: away"}",
          "level": "warn",
          "msg": "the change log cannot be read",
        },
        {
          "level": "info",
          "msg": "the change log can be read again",
        },
        {
          "error": "{"type":"Error","message":"away","stack":"Error: away"}",
          "level": "warn",
          "msg": "the signing keys cannot be rotated",
        },
        {
          "error": "{"type":"Error","message":"away","stack":"Error: away"}",
          "level": "warn",
          "msg": "organizations that an older program made cannot be completed",
        },
        {
          "error": "{"type":"Error","message":"away","stack":"Error: away"}",
          "level": "warn",
          "msg": "old rows cannot be removed",
        },
        {
          "level": "warn",
          "msg": "memory was dropped",
          "reason": "a new epoch",
        },
        {
          "level": "warn",
          "msg": "this machine's clock differs from the database's, which is used",
          "seconds": -7,
        },
        {
          "level": "info",
          "msg": "this machine's clock agrees with the database's again",
        },
        {
          "level": "error",
          "msg": "signing keys cannot be used",
          "problems": [
            "signing key abc cannot be opened: seal_broken",
          ],
        },
        {
          "keys": [
            {
              "alg": "ES256",
              "kid": "abc",
              "revoked_at": null,
              "sealed_under": "def",
              "signs_from": "2026-01-01T00:00:00Z",
              "use": "access_token",
            },
          ],
          "level": "info",
          "msg": "the signing keys are these now",
        },
      ]
    `)
  })

  it('is one line of JSON with the time, however odd the words in it', () => {
    const userAgent = 'curl\n{"level":"fatal"}\u2028'
    const line = logged({ ...refused, caller: { ...caller, userAgent } })
    expect(line).toMatchObject({ user_agent: userAgent, time: expect.stringMatching(/Z$/) })
  })

  it.each(['info', 'warn'] as const)('is not written below the level asked for: %s', (level) => {
    const lines: string[] = []
    const { record } = loggedEvents(openLog(level, (line) => lines.push(line)))
    for (const event of Object.values(everyKind)) record(event)
    expect(lines).toHaveLength({ info: 21, warn: 12 }[level])
  })
})

describe('a secret', () => {
  it('is not in the log, wherever the caller put it', () => {
    const misplaced = logged({
      ...refused,
      caller: { ...caller, userAgent: `my-client ${secret}` },
      facts: { asked: [secret, `read:${secret}.`] },
    })
    expect(misplaced).toMatchObject({
      user_agent: 'my-client csk_(not shown)',
      facts: { asked: ['csk_(not shown)', 'read:csk_(not shown).'] },
    })
  })
})

const refused = { ...everyKind.token_refused, kind: 'token_refused' } as Event & {
  kind: 'token_refused'
}

/** The line that an event leaves, read again. */
function logged(event: Event): Record<string, unknown> {
  const lines: string[] = []
  loggedEvents(openLog('debug', (line) => lines.push(line))).record(event)
  expect(lines).toEqual([expect.stringMatching(/^\{[^\n]*\}\n$/)])
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>
}

import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/time.ts'
import type { Event } from '../../src/ports/events.ts'
import { loggedEvents } from '../../src/telemetry/events.ts'
import { openLog } from '../../src/telemetry/log.ts'

const caller = {
  traceId: 'ab'.repeat(16),
  network: '192.0.2.7',
  userAgent: undefined,
  since: milliseconds(0),
}
const refused: Event = {
  kind: 'token_refused',
  caller,
  client: undefined,
  reason: 'client_unknown',
  facts: {},
}
const rejected: Event = {
  kind: 'request_rejected',
  caller,
  reason: 'host_malformed',
  code: undefined,
}

describe('a caller who is refused again and again', () => {
  it('is told of twenty times a second for each reason, and then how often it was not', () => {
    let now = 0
    const lines: Record<string, unknown>[] = []
    const log = openLog('info', (line) => void lines.push(JSON.parse(line)))
    const events = loggedEvents(log, () => now)
    for (let request = 0; request < 1000; request += 1) {
      events.record(refused)
      events.record(rejected)
    }
    expect(lines).toHaveLength(40)
    expect(lines.filter(({ untold }) => untold !== undefined)).toEqual([])
    now = 1000
    events.record(refused)
    events.record(refused)
    expect(lines.slice(40).map(({ msg, untold }) => [msg, untold])).toEqual([
      ['token refused', 980],
      ['token refused', undefined],
    ])
  })

  it('is told of every time at debug', () => {
    const lines: string[] = []
    const log = openLog('debug', (line) => void lines.push(line))
    const events = loggedEvents(log, () => 0)
    for (let request = 0; request < 50; request += 1) events.record(refused)
    expect(lines).toHaveLength(50)
  })
})

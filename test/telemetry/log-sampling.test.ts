import { describe, expect, it } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { seconds } from '../../src/domain/time.ts'
import type { Event } from '../../src/ports/events.ts'
import { loggedEvents } from '../../src/telemetry/events.ts'
import { openLog } from '../../src/telemetry/log.ts'
import { everyKind } from './specimens.ts'

describe('in an outage', () => {
  it('one line a second tells of requests that fail for the same reason, and how many did', () => {
    let now = 0
    const lines: Record<string, unknown>[] = []
    const log = openLog('info', (line) => void lines.push(JSON.parse(line)))
    const events = loggedEvents(log, () => now)
    const fail = (message: string) => {
      const error = new Unavailable(message, seconds(2))
      events.record({ ...everyKind.request_failed, error } as Event)
    }
    for (let request = 0; request < 100; request += 1) fail('the database did not answer')
    fail('no answer in time')
    now = 1000
    fail('the database did not answer')
    fail('the database did not answer')
    expect(lines.map(({ error, untold }) => [(error as Error).message, untold])).toEqual([
      ['the database did not answer', undefined],
      ['no answer in time', undefined],
      ['the database did not answer', 99],
    ])
  })

  it('every request that fails is told of at debug, under its own trace id', () => {
    const lines: string[] = []
    const events = loggedEvents(
      openLog('debug', (line) => void lines.push(line)),
      () => 0,
    )
    for (let request = 0; request < 3; request += 1) events.record(everyKind.request_failed)
    expect(lines).toHaveLength(3)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  earlier,
  hasEnded,
  isoText,
  later,
  milliseconds,
  numericDate,
  parseDate,
  seconds,
  until,
} from '../../src/domain/time.ts'

const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000
const dates = fc.integer({ min: 0, max: lastSecond }).map(numericDate)
const ends = fc.option(fc.integer({ min: 0, max: 9 }).map(numericDate), { nil: undefined })

describe('a date as text', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(dates, (date) => {
        expect(parseDate(isoText(date))).toBe(date)
      }),
    )
  })

  it('is written in UTC, to the second', () => {
    expect(isoText(numericDate(0))).toBe('1970-01-01T00:00:00Z')
    expect(isoText(numericDate(1_764_000_000))).toBe('2025-11-24T16:00:00Z')
  })

  it('may leave out the time, the seconds, and have a fraction, which is dropped', () => {
    const midnight = parseDate('2026-03-01T00:00:00Z')
    expect(midnight).toBe(Date.UTC(2026, 2, 1) / 1000)
    expect(parseDate('2026-03-01')).toBe(midnight)
    expect(parseDate('2026-03-01T00:00Z')).toBe(midnight)
    expect(parseDate('2026-03-01T00:00:00.9Z')).toBe(midnight)
    expect(parseDate('2026-03-01T00:00:00.999999999Z')).toBe(midnight)
  })

  it('may be in another zone', () => {
    expect(parseDate('2026-03-01T02:30:00+02:30')).toBe(parseDate('2026-03-01'))
    expect(parseDate('2026-02-28T19:00:00-05:00')).toBe(parseDate('2026-03-01'))
  })

  it('is accepted exactly if there is such a day', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1970, max: 9999 }),
        fc.nat(13),
        fc.nat(32),
        (year, month, day) => {
          const text = [
            String(year),
            String(month).padStart(2, '0'),
            String(day).padStart(2, '0'),
          ].join('-')
          const date = new Date(Date.UTC(year, month - 1, day))
          const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
          expect(parseDate(text)).toBe(exists ? date.getTime() / 1000 : undefined)
          expect(parseDate(`${text}T12:00:00Z`) !== undefined).toBe(exists)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('does not turn 30 February into 2 March', () => {
    expect(parseDate('2026-02-30')).toBeUndefined()
    expect(parseDate('2026-02-29T10:00:00+01:00')).toBeUndefined()
    expect(parseDate('2024-02-29')).toBeDefined()
  })

  it('is within 1970 and 9999, in UTC', () => {
    expect(parseDate('1970-01-01')).toBe(0)
    expect(parseDate('1969-12-31')).toBeUndefined()
    expect(parseDate('1970-01-01T00:00:00+01:00')).toBeUndefined()
    expect(parseDate('0000-01-01')).toBeUndefined()
    expect(parseDate('9999-12-31T23:59:59Z')).toBe(lastSecond)
    expect(parseDate('9999-12-31T23:59:59-01:00')).toBeUndefined()
    expect(parseDate('9999-12-31T23:00:00-01:00')).toBeUndefined()
  })

  it.each([
    '',
    'tomorrow',
    '2026',
    '2026-03',
    '26-03-01',
    '2026-3-1',
    '2026/03/01',
    '2026-03-01T10:00:00',
    '2026-03-01 10:00:00Z',
    '2026-03-01T10Z',
    '2026-03-01T10:00:00.Z',
    '2026-03-01T10:00:00.1234567891Z',
    '2026-03-01T25:00:00Z',
    '2026-03-01T10:60:00Z',
    '2026-03-01T10:00:60Z',
    '2026-03-01T10:00:00+24:00',
    '2026-03-01T10:00:00+0100',
    '2026-03-01T10:00:00z',
    '2026-03-01Z',
    '+002026-03-01',
    ' 2026-03-01',
    '2026-03-01\n',
    '1764000000',
  ])('cannot be %j', (text) => {
    expect(parseDate(text)).toBeUndefined()
  })
})

describe('a moment', () => {
  it('is a whole second, never later than given', () => {
    expect(numericDate(1.999)).toBe(1)
    expect(numericDate(-0.5)).toBe(-1)
  })

  it('plus a duration is a later moment, and the way back is the duration', () => {
    fc.assert(
      fc.property(dates, fc.nat(), (date, count) => {
        expect(until(date, later(date, seconds(count)))).toBe(count)
        expect(later(date, seconds(count))).toBe(date + count)
      }),
    )
  })
})

describe('a duration', () => {
  it('is a whole number of seconds', () => {
    expect(seconds(90)).toBe(90)
    for (const count of [0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => seconds(count)).toThrow(`not a whole number of seconds: ${String(count)}`)
    }
  })

  it('in milliseconds may have a fraction', () => {
    expect(milliseconds(1.5)).toBe(1.5)
  })
})

describe('an end', () => {
  it('is the first second in which a thing no longer works', () => {
    expect(hasEnded(numericDate(10), numericDate(9))).toBe(false)
    expect(hasEnded(numericDate(10), numericDate(10))).toBe(true)
    expect(hasEnded(numericDate(10), numericDate(11))).toBe(true)
  })

  it('that is not given never comes', () => {
    expect(hasEnded(undefined, numericDate(lastSecond))).toBe(false)
  })

  it('combines with another into the earlier of both', () => {
    fc.assert(
      fc.property(ends, ends, fc.nat(10), (a, b, at) => {
        const now = numericDate(at)
        expect(hasEnded(earlier(a, b), now)).toBe(hasEnded(a, now) || hasEnded(b, now))
        expect([a, b]).toContain(earlier(a, b))
      }),
    )
  })
})

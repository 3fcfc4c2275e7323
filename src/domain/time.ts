import type { Brand } from './brand.ts'

/** Whole seconds since 1970-01-01T00:00:00Z. RFC 7519 §2. */
export type NumericDate = Brand<number, 'NumericDate'>

/** A duration in whole seconds. */
export type Seconds = Brand<number, 'Seconds'>

/** A duration, or a reading of a clock, in milliseconds. */
export type Milliseconds = Brand<number, 'Milliseconds'>

export function seconds(count: number): Seconds {
  if (!Number.isSafeInteger(count)) throw new RangeError(`not a whole number of seconds: ${count}`)
  return count as Seconds
}

export function milliseconds(count: number): Milliseconds {
  return count as Milliseconds
}

/** Takes seconds since the epoch; a fraction is dropped, so a date is never later than given. */
export function numericDate(sinceEpoch: number): NumericDate {
  return Math.floor(sinceEpoch) as NumericDate
}

const isoDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

const yearTenThousand = Date.UTC(10_000, 0)

/**
 * Reads an ISO 8601 date, or date and time with a zone, from 1970 to 9999. A date alone means its
 * first second, UTC.
 */
export function parseDate(text: string): NumericDate | undefined {
  if (!isoDate.test(text)) return undefined
  const at = Date.parse(text)
  if (!(at >= 0 && at < yearTenThousand)) return undefined
  // Date.parse takes 30 February for 2 March.
  const day = text.slice(0, 10)
  return new Date(day).toISOString().startsWith(day) ? numericDate(at / 1000) : undefined
}

export function isoText(date: NumericDate): string {
  return new Date(date * 1000).toISOString().replace('.000Z', 'Z')
}

export function later(date: NumericDate, by: Seconds): NumericDate {
  return (date + by) as NumericDate
}

export function until(now: NumericDate, end: NumericDate): Seconds {
  return (end - now) as Seconds
}

/** An end is the first second in which a thing no longer works; no end means never. */
export function hasEnded(end: NumericDate | undefined, now: NumericDate): boolean {
  return now >= (end ?? Infinity)
}

/** Whether an end comes after another, where `undefined` is never. */
export function isLater(end: NumericDate | undefined, than: NumericDate | undefined): boolean {
  return (end ?? Infinity) > (than ?? Infinity)
}

/** The earlier of two ends, where `undefined` is never. */
export function earlier(
  a: NumericDate | undefined,
  b: NumericDate | undefined,
): NumericDate | undefined {
  return (a ?? Infinity) <= (b ?? Infinity) ? a : b
}

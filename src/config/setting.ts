import { z } from 'zod'

/** What a setting accepts, for its error and for its row of the table. */
export const words = z.registry<{ readonly accepts: string }>()

/** A setting whose text is parsed; `complain` says better than `accepts` what is wrong with one. */
export function parsed<Value>(
  accepts: string,
  parse: (text: string) => Value | undefined,
  complain?: (text: string) => string | undefined,
) {
  const schema = z.string(accepts).transform((text, context): Value => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue(complain?.(text) ?? accepts)
    return z.NEVER
  })
  return schema.register(words, { accepts })
}

export function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined)
}

export function whole(least: number, most: number) {
  const number = z.int().min(least).max(most)
  return parsed(`a whole number from ${least} to ${most}`, (text) =>
    /^\d+$/.test(text) ? number.safeParse(Number(text)).data : undefined,
  )
}

const millisecondsIn: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A duration, read into the unit given. */
export function duration(unit: 's' | 'ms', least: string, most: string) {
  const [min, max] = [inMilliseconds(least) ?? 0, inMilliseconds(most) ?? 0]
  const fraction = unit === 's' ? ' in whole seconds' : ''
  const example = unit === 's' ? '`30s`, `5m` or `1h`' : '`500ms`, `30s` or `5m`'
  return parsed(`a duration from ${least} to ${most}${fraction}, such as ${example}`, (text) => {
    const milliseconds = inMilliseconds(text)
    if (milliseconds === undefined || milliseconds < min || milliseconds > max) return undefined
    const value = milliseconds / (millisecondsIn[unit] ?? 1)
    return Number.isInteger(value) ? value : undefined
  })
}

function inMilliseconds(text: string): number | undefined {
  if (text === '0') return 0
  const [, count, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  const size = millisecondsIn[unit]
  return size === undefined ? undefined : Number(count) * size
}

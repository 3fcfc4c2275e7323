import type { Seconds } from '../domain/time.ts'

/** As a command line and a setting take it. */
export function durationText(duration: Seconds): string {
  if (duration % 3600 === 0) return `${duration / 3600}h`
  return duration % 60 === 0 ? `${duration / 60}m` : `${duration}s`
}

/** How long until something is, to the second. */
export function spanText(span: Seconds): string {
  const parts = [
    [Math.floor(span / 3600), 'h'],
    [Math.floor(span / 60) % 60, 'm'],
    [span % 60, 's'],
  ] as const
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`)
  return shown.length === 0 ? '0s' : shown.join(' ')
}

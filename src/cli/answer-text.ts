import type { NumericDate } from '../domain/time.ts'
import { hasEnded, parseDate } from '../domain/time.ts'

// What the answers of the management API say, in words for a terminal.

/** When a thing was made, and by whom. */
export function createdText({
  created_at: at,
  created_by: by,
}: {
  readonly created_at: string
  readonly created_by: { readonly name: string }
}): string {
  return `${at} by ${by.name}`
}

export function endText(end: string | null): string {
  return end ?? 'never'
}

/** Whether a thing works now. */
export function stateText(
  { enabled, expires_at: end }: { readonly enabled: boolean; readonly expires_at: string | null },
  now: NumericDate,
): string {
  if (!enabled) return 'disabled'
  return hasEnded(parseDate(end ?? ''), now) ? 'expired' : 'enabled'
}

/** On what a role is held. */
export function onText(resource: string | null): string {
  return resource ?? 'everything'
}

/** Says how to see what comes after a page. */
export function moreText({ next_cursor: next }: { readonly next_cursor: string | null }): string {
  return next === null ? '' : `\nThere is more: --after ${next}\n`
}

import type { AuditEvent, AuditValue } from '../domain/audit.ts'
import type { Created } from '../domain/created.ts'
import type { NumericDate } from '../domain/time.ts'
import { isoText } from '../domain/time.ts'
import { accept } from '../domain/result.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act } from '../storage/tx.ts'

/** What the audit trail says of a thing: never a secret or a hash. */
export type Facts = Readonly<Record<string, AuditValue>>

export type Difference = Pick<AuditEvent, 'before' | 'after'>

/** The facts that differ, before and after; `undefined` if none does. */
export function difference(before: Facts, after: Facts): Difference | undefined {
  const names = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  return names.length === 0 ? undefined : { before: only(before, names), after: only(after, names) }
}

/** Accepts without a write: everything was already as asked. */
export function unchanged<Value>(value: Value): { readonly ok: true; value: Written<Value> } {
  return accept({ value, audit: [], changes: [] })
}

export function createdIn({ actor, at }: Act): Created {
  return { createdAt: at, createdBy: { id: actor.id, name: actor.name } }
}

/** An end as the audit trail writes it; `null` is never. */
export function endFact(end: NumericDate | undefined): string | null {
  return end === undefined ? null : isoText(end)
}

function only(facts: Facts, names: readonly string[]): Facts {
  return Object.fromEntries(names.map((name) => [name, facts[name] ?? null]))
}

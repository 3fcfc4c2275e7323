import type { AuditEvent, AuditValue } from '../domain/audit.ts'
import type { Created } from '../domain/created.ts'
import { accept } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { isoText } from '../domain/time.ts'
import type { Versioned } from '../domain/version.ts'
import { firstVersion } from '../domain/version.ts'
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

type Switch = { readonly enabled: boolean }
type SwitchTarget = AuditEvent['target'] & {
  readonly type: 'organization' | 'service_account' | 'credential' | 'application_key'
}

/** The entries of a change: one for the facts that differ, one for switching it on or off. */
export function changeEntries<Noun extends Switch>(
  target: SwitchTarget,
  facts: (noun: Noun) => Facts,
  before: Noun,
  after: Noun,
): readonly AuditEvent[] {
  const entries: AuditEvent[] = []
  const differing = difference(facts(before), facts(after))
  if (differing !== undefined)
    entries.push({ kind: `${target.type}.changed`, target, ...differing })
  if (before.enabled !== after.enabled) {
    entries.push({ kind: `${target.type}.${after.enabled ? 'enabled' : 'disabled'}`, target })
  }
  return entries
}

/** What a thing is from its first second on. */
export function createdIn({ actor, at }: Act): Created & Versioned {
  return { version: firstVersion, createdAt: at, createdBy: { id: actor.id, name: actor.name } }
}

/** An end as the audit trail writes it; `null` is never. */
export function endFact(end: NumericDate | undefined): string | null {
  return end === undefined ? null : isoText(end)
}

function only(facts: Facts, names: readonly string[]): Facts {
  return Object.fromEntries(names.map((name) => [name, facts[name] ?? null]))
}

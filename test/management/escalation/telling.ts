/** A story in words: what the audit trail says of it, with the names of the cast for their ids. */
import { sql } from 'kysely'
import type { Stage } from './walk.ts'

type Entry = {
  readonly at: string
  readonly actor: { readonly id: string; readonly by?: unknown }
  readonly kind: string
  readonly target: { readonly id: string }
  readonly before?: unknown
  readonly after?: unknown
}

/** The first entries are of the making of the organization. */
export async function entriesOf({ desk, tenant }: Stage): Promise<readonly string[]> {
  const { rows } = await sql<{ entry: Uint8Array }>`
    select entry from audit_entry where chain = ${tenant.organization} order by sequence
  `.execute(desk.db.management)
  return rows.map(({ entry }) => inWords(JSON.parse(new TextDecoder().decode(entry))))
}

function inWords({ at, actor, kind, target, before, after }: Entry): string {
  return `${at} ${actor.id} ${kind} ${target.id} ${JSON.stringify(after ?? before ?? {})}`
}

/** A text with the names that those of the cast have in the scene. */
export function withNames({ tenant: { who, roles, groups, api, key } }: Stage, text: string) {
  const named = Object.entries({ ...who, key, api: api.id }).map(([name, id]) => [id, name])
  const things = Object.entries({ ...roles, ...groups }).map(([name, { id }]) => [id, name])
  return [...named, ...things].reduce(
    (words, [id = '', name = '']) => words.replaceAll(id, name),
    text,
  )
}

import type { NumericDate } from '../domain/time.ts'
import type { Migration } from './migrations.ts'
import { migrationTable, serverRows } from './migrations.ts'
import { timestamp } from './timestamp.ts'

/** Migrations as a script for psql, with the rows that say that they were applied. */
export function migrationScript(migrations: readonly Migration[], now: NumericDate): string {
  const steps = migrations.map((migration) => {
    const remembered = `insert into schema_migration (name, checksum, least_program, applied_at)
values (${[migration.name, migration.checksum, migration.leastProgram, timestamp(now)].map(quoted).join(', ')});`
    const step = `${migration.text.trimEnd()}\n\n${remembered}`
    return migration.alone ? step : `begin;\n\n${step}\n\ncommit;`
  })
  return `${[`${migrationTable};`, ...steps, `${serverRows(quoted(timestamp(now))).join(';\n\n')};`].join('\n\n')}\n`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

import { parseArgs } from 'node:util'
import { problemText, readOperatorConfig } from '../config.ts'
import { unreachable } from '../domain/brand.ts'
import { isoText } from '../domain/time.ts'
import { systemClock } from '../house.ts'
import { readProgram } from '../program.ts'
import { openPostgres } from '../storage/database.ts'
import type { SchemaRefusal, SchemaState } from '../storage/migrate.ts'
import { migrate, schemaState } from '../storage/migrate.ts'
import { migrationScript } from '../storage/migration-script.ts'
import type { ExitCode, Io } from './io.ts'

/** `countersign migrate`: brings the schema up to date, or tells what that would take. */
export async function migrateCommand(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...args],
    options: { print: { type: 'boolean' }, status: { type: 'boolean' }, json: { type: 'boolean' } },
  })
  const program = await readProgram()
  if (values.print === true && (io.env['DATABASE_URL'] ?? '') === '') {
    // Without a database to compare with: everything, for a new one.
    io.stdout.write(migrationScript(program.migrations, systemClock.now()))
    return 0
  }
  const config = readOperatorConfig(io.env)
  if (!config.ok) {
    for (const problem of config.refusal) io.stderr.write(`countersign: ${problemText(problem)}\n`)
    return 2
  }
  const db = openPostgres({ url: config.value.databaseUrl, connectionsMax: 1 })
  try {
    const wish = values.print === true ? 'print' : values.status === true ? 'status' : 'apply'
    const outcome =
      wish === 'apply'
        ? await migrate(db, program, systemClock.now())
        : await schemaState(db, program)
    if (!outcome.ok) {
      io.stderr.write(`countersign: ${schemaRefusalText(outcome.refusal)}\n`)
      return 1
    }
    io.stdout.write(outcomeText(outcome.value, wish, values.json === true))
    return 0
  } finally {
    await db.close()
  }
}

function outcomeText(
  outcome: SchemaState | readonly string[],
  wish: 'print' | 'status' | 'apply',
  json: boolean,
): string {
  if (!('pending' in outcome)) return appliedText(outcome, json)
  if (wish === 'print') return migrationScript(outcome.pending, systemClock.now())
  return json ? statusJson(outcome) : statusText(outcome)
}

function appliedText(names: readonly string[], json: boolean): string {
  if (json) return `${JSON.stringify({ applied: names })}\n`
  if (names.length === 0) return 'The schema is up to date.\n'
  return names.map((name) => `applied  ${name}\n`).join('')
}

function statusText({ applied, pending, ahead }: SchemaState): string {
  const lines = [
    ...applied.map(({ name, at }) => {
      const note = ahead.includes(name) ? '  (by a newer program)' : ''
      return `applied  ${name}  ${isoText(at)}${note}`
    }),
    ...pending.map(({ name }) => `pending  ${name}`),
  ]
  return `${lines.join('\n')}\n`
}

function statusJson({ applied, pending, ahead }: SchemaState): string {
  return `${JSON.stringify({
    applied: applied.map(({ name, at }) => ({ name, at: isoText(at) })),
    pending: pending.map(({ name }) => name),
    ahead,
  })}\n`
}

export function schemaRefusalText(refusal: SchemaRefusal): string {
  switch (refusal.reason) {
    case 'migration_altered':
      return `${refusal.name} was altered after it had been applied. Restore the file as it was; a change of the schema is a new migration.`
    case 'schema_too_new':
      return `the database has ${refusal.name}, which needs program ${refusal.leastProgram} or later; this is ${refusal.program}.`
    case 'postgres_too_old':
      return `the database is PostgreSQL ${refusal.version}; 15 or later is needed.`
    default:
      return unreachable(refusal)
  }
}

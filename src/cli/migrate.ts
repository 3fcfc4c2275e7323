import { namesDatabase, readOperatorConfig } from '../config.ts'
import { accept } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { systemClock } from '../house.ts'
import { readProgram } from '../program.ts'
import { openPostgres } from '../storage/database.ts'
import type { SchemaState } from '../storage/migrate.ts'
import { migrate, schemaState } from '../storage/migrate.ts'
import { migrationScript } from '../storage/migration-script.ts'
import type { Io } from './io.ts'
import type { ProgramOutcome } from './program.ts'
import { settingsWrong } from './settings.ts'

type Wishes = { readonly print: boolean; readonly status: boolean; readonly json: boolean }

/** `countersign migrate`: brings the schema up to date, or tells what that would take. */
export async function migrateCommand({ print, status, json }: Wishes, io: Io): ProgramOutcome {
  const program = await readProgram()
  if (print && !namesDatabase(io.env)) {
    // Without a database to compare with: everything, for a new one.
    io.stdout.write(migrationScript(program.migrations, systemClock.now()))
    return accept(undefined)
  }
  const config = readOperatorConfig(io.env)
  if (!config.ok) return settingsWrong(config.refusal)
  const db = openPostgres({ url: config.value.databaseUrl, connectionsMax: 1 })
  try {
    const wish = print ? 'print' : status ? 'status' : 'apply'
    const outcome =
      wish === 'apply'
        ? await migrate(db, program, systemClock.now())
        : await schemaState(db, program)
    if (!outcome.ok) return outcome
    io.stdout.write(outcomeText(outcome.value, wish, json))
    return accept(undefined)
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

import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of `migrations/`: a change of the schema, forward only. */
export type Migration = {
  readonly name: string
  readonly text: string
  readonly checksum: string
  /** The oldest version of the program that still works on the schema after this change. */
  readonly leastProgram: string
  /** Must not run inside a transaction (`create index concurrently`). */
  readonly alone: boolean
}

const leastProgramLine = /^-- least program: (\d+\.\d+\.\d+)$/m
const aloneLine = /^-- no transaction$/m

export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(
    names.map(async (name) => readMigration(name, await readFile(join(folder, name), 'utf8'))),
  )
}

export function readMigration(name: string, text: string): Migration {
  const leastProgram = leastProgramLine.exec(text)?.[1]
  if (leastProgram === undefined) {
    throw new Error(`${name} does not say which program it needs: -- least program: 1.2.3`)
  }
  return {
    name,
    text,
    checksum: hash('sha256', text),
    leastProgram,
    alone: aloneLine.test(text),
  }
}

/** Where a database remembers which migrations it has seen. */
export const migrationTable = `create table if not exists schema_migration (
  name text primary key,
  checksum text not null,
  least_program text not null,
  applied_at timestamptz not null
)`

/**
 * The rows there is exactly one of, once all migrations are applied. The epoch names this history of
 * the database. `now` is an SQL expression.
 */
export function serverRows(now: string): readonly string[] {
  return [
    `insert into server (created_at) values (${now}) on conflict do nothing`,
    `insert into change_counter (epoch, position) values (gen_random_uuid(), 0)
on conflict do nothing`,
  ]
}

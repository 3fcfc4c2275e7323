import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Program } from './storage/migrate.ts'
import { readMigrations } from './storage/migrations.ts'

/** The folder of package.json, whether the program runs from src/ or from dist/. */
const root = join(import.meta.dirname, '..')

/** What this program is: its version and the schema it was written for. */
export async function readProgram(): Promise<Program> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  return { version, migrations: await readMigrations(join(root, 'migrations')) }
}

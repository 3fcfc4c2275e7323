import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Program } from './storage/migrate.ts'
import { readMigrations } from './storage/migrations.ts'

/** The folder of package.json, whether the program runs from src/ or from dist/. */
const root = join(import.meta.dirname, '..')

/** What this program is: its version and the schema it was written for. */
export async function readProgram(): Promise<Program> {
  const manifest = await readFile(join(root, 'package.json'), 'utf8')
  const version = /"version": "(\d+\.\d+\.\d+)"/.exec(manifest)?.[1]
  if (version === undefined) throw new Error('package.json states no version')
  return { version, migrations: await readMigrations(join(root, 'migrations')) }
}

import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export type NewerProgram = {
  readonly bin: string
  readonly version: string
  /** The name of the migration that only this program has. */
  readonly migration: string
  readonly remove: () => Promise<void>
}

/** A copy of this program in a folder of its own, which whoever asks for it removes. */
export async function copyProgram(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-copy-'))
  for (const part of ['bin', 'src', 'migrations', 'package.json']) {
    await cp(join(root, part), join(folder, part), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** A copy of this program, of the version after it, with one migration more. */
export async function makeNewerProgram(
  sql: string,
  /** Whether this program still works on the schema after that. */
  compatible: boolean,
): Promise<NewerProgram> {
  const folder = await copyProgram()
  const manifest = await readFile(join(root, 'package.json'), 'utf8')
  const { version: ours } = JSON.parse(manifest) as { readonly version: string }
  const version = `${Number.parseInt(ours, 10) + 1}.0.0`
  await writeFile(
    join(folder, 'package.json'),
    manifest.replace(`"version": "${ours}"`, `"version": "${version}"`),
  )
  const migration = compatible ? '9000_newer.sql' : '9001_incompatible.sql'
  const least = compatible ? ours : version
  await writeFile(join(folder, 'migrations', migration), `-- least program: ${least}\n${sql}\n`)
  return {
    bin: join(folder, 'bin/countersign.js'),
    version,
    migration,
    remove: async () => rm(folder, { recursive: true }),
  }
}

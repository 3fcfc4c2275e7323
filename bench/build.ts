import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runCommand } from './command.ts'
import type { After } from './stage.ts'

const root = resolve(import.meta.dirname, '..')

/** Builds Countersign as it is released, into a folder of its own, and says where its program is. */
export async function build(after: After): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'))
  after(async () => rm(folder, { recursive: true, force: true }))
  for (const part of ['bin', 'migrations', 'package.json']) {
    await cp(join(root, part), join(folder, part), { recursive: true })
  }
  await mkdir(join(folder, 'dist'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const compiler = join(root, 'node_modules/.bin/tsc')
  await runCommand([compiler, '-p', 'src', '--outDir', join(folder, 'dist')], root, after)
  return join(folder, 'bin/countersign.js')
}

import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { After } from './stage.ts'

const root = resolve(import.meta.dirname, '..')
const buildMilliseconds = 120_000

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
  await promisify(execFile)(compiler, ['-p', join(root, 'src'), '--outDir', join(folder, 'dist')], {
    timeout: buildMilliseconds,
  })
  return join(folder, 'bin/countersign.js')
}

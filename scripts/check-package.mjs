/** Packs what would be published, and runs it as it would be installed: compiled, without sources. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'countersign-package-'))
try {
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder])
  const [{ filename, files }] = Object.values(JSON.parse(packed))
  const stray = files.filter(({ path }) => /^(src|test|scripts|bench)\//.test(path))
  if (stray.length > 0) throw new Error(`not to be published: ${stray[0].path}`)

  run('tar', ['-xzf', join(folder, filename), '-C', folder])
  symlinkSync(resolve('node_modules'), join(folder, 'package/node_modules'))
  const program = join(folder, 'package/bin/countersign.js')
  run(process.execPath, [program, '--version'])
  const schema = run(process.execPath, [program, 'migrate', '--print'])
  if (!schema.includes('create table')) throw new Error('the package has no migrations')
  console.log(`${filename}: ${files.length} files, runs`)
} finally {
  rmSync(folder, { recursive: true })
}

function run(command, args) {
  const env = { ...process.env, DATABASE_URL: '' }
  return execFileSync(command, args, {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

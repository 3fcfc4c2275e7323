/**
 * Installs what package-lock.json names, if node_modules does not hold exactly that. Runs before
 * `npm start` and `npm test`, on whatever Node npm came with: the one this program needs is among
 * the things installed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

if (!isInstalled()) {
  process.stderr.write('Installing the dependencies that package-lock.json names (npm ci) ...\n')
  const { npm_execpath: npm, npm_node_execpath: node = process.execPath } = process.env
  const [command, ...first] = npm === undefined ? ['npm'] : [node, npm]
  const quietly = [
    'ci',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefer-offline',
  ]
  const { status } = spawnSync(command, [...first, ...quietly], { stdio: ['ignore', 2, 2] })
  process.exitCode = status ?? 1
}

/** Compares with the lock that npm leaves in node_modules: what it installed, and with what checksum. */
function isInstalled() {
  if (!existsSync('node_modules/.package-lock.json')) return false
  const wanted = Object.entries(packagesIn('package-lock.json')).filter(([place]) => place !== '')
  const present = new Map(Object.entries(packagesIn('node_modules/.package-lock.json')))
  return wanted.every(([place, { version, integrity, optional }]) => {
    const found = present.get(place)
    if (found === undefined) return optional === true
    // A package of another platform may be in the lock without its checksum.
    return found.version === version && (integrity === undefined || found.integrity === integrity)
  })
}

function packagesIn(lock) {
  return JSON.parse(readFileSync(lock, 'utf8')).packages
}

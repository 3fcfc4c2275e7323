#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still find the one which is needed, or say so.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

// Of a clone, where npm installs the Node that package.json pins. A published package has none.
const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

if (Number.parseInt(process.versions.node, 10) >= 24) {
  // Otherwise every start compiles everything anew (and takes the types out of it, from source), and
  // takes half as long again. Kept beside the packages, because whoever can write there can change
  // the program anyway; where nobody can, there is none.
  const cache = new URL('../node_modules/.cache/countersign', import.meta.url)
  module.enableCompileCache(fileURLToPath(cache))
  const source = new URL('../src/main.ts', import.meta.url)
  await import(existsSync(source) ? source.href : '../dist/main.js')
} else if (existsSync(pinned) && realpathSync(pinned) !== realpathSync(process.execPath)) {
  startOver()
} else {
  process.stderr.write(
    'countersign needs Node 24 or later, and this is ' +
      process.version +
      '. In a clone, npm ci brings one.\n',
  )
  process.exitCode = 1
}

/** The same again on the pinned Node: what it ends with is what this ends with. */
function startOver() {
  const program = fileURLToPath(import.meta.url)
  const child = spawn(pinned, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal tells both of them that somebody pressed Ctrl-C; SIGTERM comes to this one alone.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

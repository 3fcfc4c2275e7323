#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still say which one is needed.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    'countersign needs Node 24 or later, and this is ' +
      process.version +
      '. In a clone, npm scripts bring their own.\n',
  )
  process.exitCode = 1
} else {
  const source = new URL('../src/main.ts', import.meta.url)
  const runsFromSource = existsSync(source)
  if (runsFromSource) {
    // Otherwise every start takes the types out of every file anew, and twice as long. Kept beside
    // the packages, because whoever can write there can change the program anyway.
    const cache = new URL('../node_modules/.cache/countersign', import.meta.url)
    module.enableCompileCache(fileURLToPath(cache))
  }
  await import(runsFromSource ? source.href : '../dist/main.js')
}

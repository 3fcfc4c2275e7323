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
  // Otherwise every start compiles everything anew (and takes the types out of it, from source), and
  // takes half as long again. Kept beside the packages, because whoever can write there can change
  // the program anyway; where nobody can, there is none.
  const cache = new URL('../node_modules/.cache/countersign', import.meta.url)
  module.enableCompileCache(fileURLToPath(cache))
  const source = new URL('../src/main.ts', import.meta.url)
  await import(existsSync(source) ? source.href : '../dist/main.js')
}

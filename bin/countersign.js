#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still say which one is needed.
import { existsSync } from 'node:fs'

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    'countersign needs Node 24 or later, and this is ' +
      process.version +
      '. In a clone, npm scripts bring their own.\n',
  )
  process.exitCode = 1
} else {
  const source = new URL('../src/main.ts', import.meta.url)
  await import(existsSync(source) ? source.href : '../dist/main.js')
}

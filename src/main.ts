import { run } from './cli/commands.ts'

const ended = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal, of either kind, means now.
    if (ended.signal.aborted) process.exit(1)
    ended.abort(signal)
  })
}

const { stdout, stderr, stdin, env, argv } = process
// A reader that went away, or a full disk: what was asked for may have been done all the same.
for (const stream of [stdout, stderr]) {
  stream.on('error', () => {
    process.exitCode = 4
  })
}
try {
  const code = await run(argv.slice(2), { stdout, stderr, stdin, env, ended: ended.signal })
  process.exitCode ||= code
} catch (fault) {
  // Nobody foresaw it: whoever reports it needs the place as well as the words.
  stderr.write(
    `countersign: ${fault instanceof Error ? (fault.stack ?? fault.message) : 'a fault'}\n`,
  )
  process.exitCode = 1
}

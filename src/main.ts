import { run } from './cli/commands.ts'

const ended = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // A second signal means now.
  process.once(signal, () => {
    ended.abort()
    process.once(signal, () => process.exit(1))
  })
}

const { stdout, stderr, stdin, env, argv } = process
process.exitCode = await run(argv.slice(2), { stdout, stderr, stdin, env, ended: ended.signal })

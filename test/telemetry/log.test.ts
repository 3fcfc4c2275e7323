import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

describe('the log of a process', () => {
  it('is written to the end when the process exits at once', async () => {
    const log = new URL('../../src/telemetry/log.ts', import.meta.url).href
    const program = `
      import { openLog } from ${JSON.stringify(log)}
      const log = openLog('info', 1)
      for (let line = 0; line < 1000; line += 1) log.info({ line }, 'told')
      process.exit(0)`
    const node = promisify(execFile)
    const { stdout } = await node(process.execPath, ['--input-type=module', '-e', program])
    expect(stdout.trimEnd().split('\n')).toHaveLength(1000)
  })
})

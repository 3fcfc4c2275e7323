import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openLog } from '../../src/telemetry/log.ts'

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

  it('shows no secret and no token, wherever a caller put it', () => {
    const secret = `csk_${'h'.repeat(16)}_${'s'.repeat(49)}`
    const token = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${'c'.repeat(40)}.${'s'.repeat(86)}`
    const basic = Buffer.from(`sa_x:${secret}`).toString('base64')
    const lines: string[] = []
    const log = openLog('info', (line) => void lines.push(line))
    for (const text of [
      secret,
      secret.toUpperCase(),
      encodeURIComponent(secret).replaceAll('_', '%5f'),
      `B1.${token}`,
      `Basic ${basic}`,
      `bearer%20${token}`,
    ]) {
      log.info({ scope: text, trace_id: 'ab'.repeat(16) }, 'told')
    }
    const written = lines.join('')
    for (const hidden of ['s'.repeat(49), 'S'.repeat(49), 'c'.repeat(40), basic]) {
      expect(written).not.toContain(hidden)
    }
    expect(written.match(/"trace_id":"(ab){16}"/g)).toHaveLength(6)
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow()
  })
})

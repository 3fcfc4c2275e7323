import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { signInFailures } from '../../src/domain/session.ts'
import { milliseconds } from '../../src/domain/time.ts'
import type { Event } from '../../src/ports/events.ts'
import { publicFace } from '../../src/protocol/token-response.ts'
import { loggedEvents } from '../../src/telemetry/events.ts'
import { openLog } from '../../src/telemetry/log.ts'

const root = join(import.meta.dirname, '../..')
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

const caller = { traceId, network: '192.0.2.7', userAgent: undefined, since: milliseconds(0) }
const refused = { kind: 'token_refused', caller, client: undefined, facts: {} } as const

describe('every reason for which a token is refused', () => {
  it.each(Object.keys(publicFace))('has its line, under the trace id: %s', (reason) => {
    let line = ''
    const { record } = loggedEvents(openLog('info', (text) => void (line = text)))
    record({ ...refused, reason: reason as keyof typeof publicFace })
    expect(JSON.parse(line)).toMatchObject({ level: 'info', reason, trace_id: traceId })
  })

  it('has its row in docs/operations.md, with what the caller is told', async () => {
    const found = await rowsOfOperations(/^\| (?:\d{3} `\w+`) \| `\w+` \| .{10,} \|$/gm)
    const expected = Object.entries(publicFace).map(
      ([reason, [code, , status]]) => `| ${status} \`${code}\` | \`${reason}\` |`,
    )
    expect(found.map((row) => row.split('|', 3).join('|').concat('|'))).toEqual(expected)
  })
})

describe('every reason for which a person cannot sign in', () => {
  const failed = { kind: 'sign_in_refused', caller, person: undefined } as const

  it.each(signInFailures)('has its line, under the trace id: %s', (reason) => {
    const [line] = linesAt('info', { ...failed, reason }, [0])
    expect(line).toMatchObject({ level: 'info', reason, trace_id: traceId })
  })

  it('has its row in docs/operations.md', async () => {
    const rows = await rowsOfOperations(/^\| `\w+` \| `\w+` \| .{10,} \|$/gm)
    const explained = rows.map((row) => row.split('|')[2]?.replaceAll(/[` ]/g, ''))
    expect(explained).toEqual(signInFailures)
  })

  it('is told once a second of those who are limited', () => {
    const limited = { ...failed, reason: 'sign_in_limited' } as const
    const lines = linesAt('info', limited, [0, 10, 1000])
    expect(lines.map((line) => line['untold'])).toEqual([undefined, 1])
  })
})

describe('a caller that is limited', () => {
  it('has a line a second, which tells how many were left out', () => {
    const limited = { ...refused, reason: 'client_limited' } as const
    const times = [0, 10, 999, 1000, 1500]
    expect(linesAt('info', limited, times).map((line) => line['untold'])).toEqual([undefined, 2])
    expect(linesAt('debug', limited, times)).toHaveLength(5)
  })
})

describe('every cause for which the server cannot answer a request', () => {
  it('is explained in docs/operations.md', async () => {
    const text = await operations()
    const messages = await unavailableMessages(['crypto', 'http', 'memory', 'token'])
    expect(messages).toContain('the hashing lanes are full')
    expect(messages.filter((message) => !text.includes(`\`${message}\``))).toEqual([])
  })
})

/** The lines that an event leaves when it happens again and again, at these milliseconds. */
function linesAt(level: 'info' | 'debug', event: Event, times: readonly number[]) {
  const lines: Record<string, unknown>[] = []
  let now = 0
  const log = openLog(level, (line) => lines.push(JSON.parse(line) as Record<string, unknown>))
  const { record } = loggedEvents(log, () => now)
  for (now of times) record(event)
  return lines
}

async function operations(): Promise<string> {
  return readFile(join(root, 'docs/operations.md'), 'utf8')
}

async function rowsOfOperations(pattern: RegExp): Promise<readonly string[]> {
  return (await operations()).match(pattern) ?? []
}

/** What the code says of itself where it gives up. */
async function unavailableMessages(floors: readonly string[]): Promise<readonly string[]> {
  const files = await readdir(join(root, 'src'), { recursive: true })
  const ours = files.filter(
    (file) => file.endsWith('.ts') && floors.includes(file.split('/')[0] ?? ''),
  )
  const texts = await Promise.all(ours.map((file) => readFile(join(root, 'src', file), 'utf8')))
  return texts.flatMap((text) =>
    [...text.matchAll(/new Unavailable\(\s*'([^']+)'/g)].map(([, message = '']) => message),
  )
}

import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { seconds } from '../../src/domain/time.ts'
import { loggedEvents } from '../../src/telemetry/events.ts'
import { openLog } from '../../src/telemetry/log.ts'

describe('a fault in the log', () => {
  it('has its type, message, code and stack, and those of its causes', async () => {
    const away = await connectionError('postgresql://countersign:hunter2@127.0.0.1:1/countersign')
    const fault = new TypeError('not a name', { cause: away })
    expect(logged(fault)).toMatchObject({
      error: {
        type: 'TypeError',
        message: 'not a name',
        stack: expect.stringContaining('fault.test.ts'),
        cause: { type: 'Error', message: 'connect ECONNREFUSED 127.0.0.1:1', code: 'ECONNREFUSED' },
      },
    })
  })

  it('has no stack if it only says that the server cannot answer now', async () => {
    const away = await connectionError('postgresql://countersign:hunter2@127.0.0.1:1/countersign')
    const fault = new Unavailable('the database is away', seconds(1), { cause: away })
    expect(logged(fault)['error']).toMatchObject({
      type: 'Unavailable',
      message: 'the database is away',
      cause: { code: 'ECONNREFUSED' },
    })
    expect(logged(fault)['error']).not.toHaveProperty('stack')
  })

  it('has nothing of the values that errors of the database carry', () => {
    const error = Object.assign(new pg.DatabaseError('duplicate key', 1, 'error'), {
      code: '23505',
      detail: 'Key (name)=(hunter2) already exists.',
      where: "unnamed portal parameter $1 = 'hunter2'",
      internalQuery: "select 'hunter2'",
      parameters: ['hunter2'],
    })
    const line = logged(error)
    expect(line).toMatchObject({ error: { message: 'duplicate key', code: '23505' } })
    expect(JSON.stringify(line)).not.toContain('hunter2')
  })

  it('has no password of a connection string', () => {
    const texts = [
      new Error('cannot connect to postgresql://countersign:hunter2@db/countersign'),
      new Error('outside', { cause: new Error('postgres://:hunter2@db') }),
      thrownBy(() => new URL('postgresql://countersign:hunter2@db:port/countersign')),
    ].map((error) => JSON.stringify(logged(error)))
    for (const text of texts) expect(text).not.toContain('hunter2')
  })

  it('ends, however long the chain of its causes and its stack', () => {
    const error = new Error('a circle')
    error.cause = error
    error.stack = 'at '.repeat(1_000_000)
    expect(JSON.stringify(logged(error)).length).toBeLessThan(25_000)
  })
})

/** The line that a fault leaves, read again. */
function logged(error: unknown): Record<string, unknown> {
  const lines: string[] = []
  const { record } = loggedEvents(openLog('info', (line) => lines.push(line)))
  record({ kind: 'tail_failed', error })
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>
}

async function connectionError(url: string): Promise<unknown> {
  return new pg.Client(url).connect().then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )
}

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return expect.unreachable()
}

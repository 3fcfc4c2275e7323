import { describe, expect, it } from 'vitest'
import { unreachable } from '../../src/domain/brand.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import { accept, refuse } from '../../src/domain/result.ts'
import { seconds } from '../../src/domain/time.ts'

describe('an outcome', () => {
  it('is a value or a refusal', () => {
    expect(accept(1)).toEqual({ ok: true, value: 1 })
    expect(refuse({ reason: 'name_taken' })).toEqual({
      ok: false,
      refusal: { reason: 'name_taken' },
    })
  })
})

describe('a fault', () => {
  it('says when to come again, and keeps its cause for the log', () => {
    const cause = new Error('connection refused')
    const fault = new Unavailable('the database is away', seconds(5), { cause })
    expect(fault).toBeInstanceOf(Error)
    expect(fault).toMatchObject({
      name: 'Unavailable',
      message: 'the database is away',
      retryAfter: 5,
      cause,
    })
  })

  it('is thrown where a value turns up that no type allows', () => {
    expect(() => unreachable({ kind: 'new' } as never)).toThrow('unreachable: {"kind":"new"}')
  })
})

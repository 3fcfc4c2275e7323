import { describe, expect, it } from 'vitest'
import { parseTraceparent } from '../../src/protocol/trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parentId = '00f067aa0ba902b7'

describe('parseTraceparent', () => {
  it('takes a trace id that begins or ends with zeros', () => {
    for (const id of [traceId.replace(/^.{8}/, '00000000'), traceId.replace(/.{8}$/, '00000000')]) {
      expect(parseTraceparent(`00-${id}-${parentId}-01`)).toBe(id)
    }
  })

  it.each([
    `00-${traceId}-${parentId}-01`,
    `cc-${traceId}-${parentId}-00`,
    `cc-${traceId}-${parentId}-00-what the future brings`,
  ])('takes the trace id of %s', (header) => {
    expect(parseTraceparent(header)).toBe(traceId)
  })

  it.each([
    '',
    `ff-${traceId}-${parentId}-01`,
    `00-${traceId}-${parentId}-01-more`,
    `cc-${traceId}-${parentId}-01.more`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    `00-${traceId.slice(1)}-${parentId}-01`,
    `00-${traceId}-${parentId}`,
    `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`,
  ])('does not trust %j', (header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })
})

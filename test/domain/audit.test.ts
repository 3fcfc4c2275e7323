import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuditEntry, AuditValue } from '../../src/domain/audit.ts'
import { canonicalEntry, theServer } from '../../src/domain/audit.ts'
import { isoText, numericDate } from '../../src/domain/time.ts'

const { value: values } = fc.letrec<{ value: AuditValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

const entry: AuditEntry = {
  sequence: 7,
  chain: 'org_1',
  at: numericDate(1_764_000_000),
  kind: 'service_account.created',
  actor: { type: 'operator', id: 'ops', name: 'Ops “night” shift' },
  target: { type: 'service_account', id: 'sa_1', name: 'Robot' },
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
}

/** The same value with the members of every object in the opposite order. */
function turned(value: AuditValue): AuditValue {
  if (Array.isArray(value)) return value.map(turned)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([member, inner]) => [member, turned(inner)]),
  )
}

function members(of: AuditEntry): string[] {
  return Object.keys(JSON.parse(canonicalEntry(of)))
}

describe('the bytes of an audit entry', () => {
  it('are written so by every version', () => {
    expect(canonicalEntry({ ...entry, before: null, after: { b: [1, true], a: 'x' } })).toBe(
      '{"actor":{"id":"ops","name":"Ops “night” shift","type":"operator"},' +
        '"after":{"a":"x","b":[1,true]},"at":"2025-11-24T16:00:00Z","before":null,' +
        '"chain":"org_1","kind":"service_account.created","sequence":7,' +
        '"target":{"id":"sa_1","name":"Robot","type":"service_account"},' +
        '"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
    )
  })

  it('read back as what happened', () => {
    fc.assert(
      fc.property(values, values, (before, after) => {
        const { at, traceId, ...rest } = entry
        expect(JSON.parse(canonicalEntry({ ...entry, before, after }))).toEqual({
          ...rest,
          before,
          after,
          at: isoText(at),
          trace_id: traceId,
        })
      }),
    )
  })

  it('do not depend on the order in which members were written', () => {
    fc.assert(
      fc.property(values, (after) => {
        expect(canonicalEntry({ ...entry, after: turned(after) })).toBe(
          canonicalEntry({ ...entry, after }),
        )
      }),
    )
  })

  it('sort members by UTF-16 code units, RFC 8785 §3.2.3', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
    const after = Object.fromEntries(names.map((member) => [member, 0]))
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']
    expect(canonicalEntry({ ...entry, after })).toContain(
      `"after":{${sorted.map((member) => `${JSON.stringify(member)}:0`).join(',')}}`,
    )
  })

  it('leave out what there was not before or is not after', () => {
    expect(members(entry)).not.toContain('before')
    expect(members(entry)).not.toContain('after')
    expect(members({ ...entry, before: 1 })).not.toContain('after')
    expect(members({ ...entry, after: 1 })).not.toContain('before')
  })

  it('hold of the actor what it is, its id and its name, and nothing else', () => {
    const actor = { ...theServer, token: 'x' }
    expect(JSON.parse(canonicalEntry({ ...entry, actor }))).toMatchObject({
      actor: { type: 'server', id: 'server', name: 'Countersign' },
    })
    expect(canonicalEntry({ ...entry, actor })).not.toContain('token')
  })
})

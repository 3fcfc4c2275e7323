import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAuthorizationDetails } from '../../src/protocol/authorization-details.ts'

const detail = { type: 'role', role: 'operator', resource: 'cluster/prod-eu' }
const parse = (value: unknown) => parseAuthorizationDetails(JSON.stringify(value))
const many = (count: number) =>
  parse(Array.from({ length: count }, (_, n) => ({ ...detail, resource: `cluster/c${n}` })))
/** One detail, in so many characters. */
const padded = (characters: number) => JSON.stringify([detail]).padEnd(characters)
const refused = (refusal: object) => ({ ok: false, refusal })

describe('parseAuthorizationDetails', () => {
  it('reads roles on resources, with all that they hold or with part of it', () => {
    const permissions = ['pods:read', 'pods:restart', 'pods:read']
    expect(parse([detail, { ...detail, permissions }])).toEqual({
      ok: true,
      value: [
        { role: 'operator', resource: 'cluster/prod-eu', permissions: undefined },
        {
          role: 'operator',
          resource: 'cluster/prod-eu',
          permissions: ['pods:read', 'pods:restart'],
        },
      ],
    })
  })

  it('never throws and never passes over a field, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseAuthorizationDetails(text).ok).toBe(false)
      }),
    )
    const key = fc.string().filter((name) => !['type', 'role', 'resource'].includes(name))
    fc.assert(
      fc.property(key, fc.jsonValue(), (name, value) => {
        const one = parseAuthorizationDetails(
          `[{"type":"role","role":"operator","resource":"cluster/prod-eu",${JSON.stringify(name)}:${JSON.stringify(value)}}]`,
        )
        expect(one.ok).toBe(false)
      }),
    )
  })

  it.each([
    ['text that is not JSON', '[{]'],
    ['an object', JSON.stringify(detail)],
    ['an empty list, which asks for nothing and could mean everything', '[]'],
    ['a list of something else', '["role"]'],
    ['a list of lists', '[[]]'],
    ['null', 'null'],
    ['deep nesting', '['.repeat(8000)],
    ['more text than any honest request', padded(8193)],
  ])('refuses %s', (_, text) => {
    expect(parseAuthorizationDetails(text)).toEqual(refused({ reason: 'details_malformed' }))
  })

  it('refuses another type, and none', () => {
    const unknown = refused({ reason: 'detail_type_unknown', index: 1 })
    expect(parse([detail, { ...detail, type: 'payment' }])).toEqual(unknown)
    expect(parse([detail, { role: 'operator' }])).toEqual(unknown)
  })

  it('refuses a field that is not of the type, even an empty one', () => {
    const unknown = refused({ reason: 'detail_field_unknown', index: 0 })
    expect(parse([{ ...detail, actions: [] }])).toEqual(unknown)
    expect(
      parseAuthorizationDetails(
        '[{"type":"role","role":"operator","resource":"cluster/prod-eu","__proto__":{}}]',
      ),
    ).toEqual(unknown)
  })

  it.each([
    ['role', { type: 'role', resource: 'cluster/prod-eu' }],
    ['role', { ...detail, role: 7 }],
    ['role', { ...detail, role: ' operator' }],
    ['resource', { type: 'role', role: 'operator' }],
    ['resource', { ...detail, resource: ['cluster/prod-eu'] }],
    ['resource', { ...detail, resource: 'prod' }],
    ['permissions', { ...detail, permissions: 'pods:read' }],
    ['permissions', { ...detail, permissions: [] }],
    ['permissions', { ...detail, permissions: null }],
    ['permissions', { ...detail, permissions: ['pods:read', 'pods'] }],
    ['permissions', { ...detail, permissions: ['pods:read', {}] }],
    ['permissions', { ...detail, permissions: Array.from({ length: 101 }, (_, n) => `p:v${n}`) }],
  ])('refuses a missing or bad %s (%j)', (field, value) => {
    expect(parse([value])).toEqual(refused({ reason: 'detail_field_malformed', index: 0, field }))
  })

  it('reads up to 50 details of up to 100 permissions in up to 8192 characters', () => {
    expect(many(50).ok).toBe(true)
    expect(many(51)).toEqual(refused({ reason: 'details_too_many' }))
    const permissions = Array.from({ length: 100 }, (_, n) => `p:v${n}`)
    expect(parse([{ ...detail, permissions }])).toMatchObject({ value: [{ permissions }] })
    expect(parseAuthorizationDetails(padded(8192)).ok).toBe(true)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Noun } from '../../src/domain/id.ts'
import { encodeId, idPrefixes, parseId } from '../../src/domain/id.ts'
import { uuids } from './specimens.ts'

const nouns = Object.keys(idPrefixes) as Noun[]
const noun = fc.constantFrom(...nouns)
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

describe('an id', () => {
  it('reads back as what it names, and as nothing else', () => {
    fc.assert(
      fc.property(noun, uuids, (of, uuid) => {
        const id = encodeId(of, uuid)
        for (const other of nouns) expect(parseId(other, id)).toBe(other === of ? id : undefined)
      }),
    )
  })

  it('has a prefix of its own for each noun', () => {
    expect(idPrefixes).toEqual({
      organization: 'org',
      service_account: 'sa',
      member: 'mem',
      group: 'grp',
      role: 'rol',
      api: 'api',
      binding: 'bnd',
      credential: 'crd',
      application_key: 'key',
      person: 'per',
      invitation: 'inv',
      session: 'ses',
      audience_approval: 'apr',
    })
  })

  it('holds the 128 bits it was made of', () => {
    fc.assert(
      fc.property(noun, uuids, (of, uuid) => {
        const body = encodeId(of, uuid).slice(idPrefixes[of].length + 1)
        const value = Array.from(body).reduce(
          (sum, digit) => sum * 32n + BigInt(alphabet.indexOf(digit)),
          0n,
        )
        expect(value).toBe(BigInt(`0x${Buffer.from(uuid).toString('hex')}`))
        expect(body).toHaveLength(26)
      }),
    )
  })

  it('sorts as its bytes do', () => {
    fc.assert(
      fc.property(uuids, uuids, (a, b) => {
        const byBytes = Buffer.compare(a, b)
        const [first, second] = [encodeId('role', a), encodeId('role', b)]
        expect(first === second ? 0 : first < second ? -1 : 1).toBe(byBytes)
      }),
    )
  })

  it.each([
    ['another length', `rol_${'0'.repeat(25)}`],
    ['another length', `rol_${'0'.repeat(27)}`],
    ['more than 128 bits', `rol_8${'0'.repeat(25)}`],
    ['a letter left out for being misread', `rol_0${'0'.repeat(24)}l`],
    ['a letter left out for being misread', `rol_0${'0'.repeat(24)}i`],
    ['a letter left out for being misread', `rol_0${'0'.repeat(24)}o`],
    ['a letter left out for being misread', `rol_0${'0'.repeat(24)}u`],
    ['upper case', `rol_0${'0'.repeat(24)}A`],
    ['an upper-case prefix', `ROL_${'0'.repeat(26)}`],
    ['no prefix', '0'.repeat(26)],
    ['no underscore', `rol0${'0'.repeat(26)}`],
    ['something in front', ` rol_${'0'.repeat(26)}`],
    ['a line break behind it', `rol_${'0'.repeat(26)}\n`],
  ])('is refused with %s: %j', (_, text) => {
    expect(parseId('role', text)).toBeUndefined()
  })

  it('takes every digit of its alphabet', () => {
    expect(parseId('role', `rol_${alphabet.slice(0, 26)}`)).toBeDefined()
    expect(parseId('role', `rol_7${alphabet.slice(7)}`)).toBeDefined()
  })
})

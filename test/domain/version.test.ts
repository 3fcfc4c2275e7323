import { describe, expect, it } from 'vitest'
import type { Version } from '../../src/domain/version.ts'
import { parseVersion, whyMismatched } from '../../src/domain/version.ts'

describe('parseVersion', () => {
  it('reads a whole number from 1 on', () => {
    expect(parseVersion('1')).toBe(1)
    expect(parseVersion('2147483647')).toBe(2_147_483_647)
  })

  it.each(['', '0', '01', '-1', '1.0', '1e3', ' 1', '12345678901', 'x'])('refuses %j', (text) => {
    expect(parseVersion(text)).toBeUndefined()
  })
})

describe('a write that is meant for certain versions', () => {
  const current = { version: parseVersion('3') as Version }

  it('is refused for every other one, and the refusal says what there is', () => {
    const refusal = { reason: 'version_mismatched', version: 3 }
    expect(whyMismatched({ ifMatch: [parseVersion('2') as Version] }, current)).toEqual(refusal)
    expect(whyMismatched({ ifMatch: [] }, current)).toEqual(refusal)
  })

  it('is let through for one of them, and for any if it names none', () => {
    expect(whyMismatched({ ifMatch: [current.version] }, current)).toBeUndefined()
    expect(whyMismatched({}, current)).toBeUndefined()
  })
})

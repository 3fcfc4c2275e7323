import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDevConfig } from '../../src/config.ts'

const pieces = [
  '/',
  'a',
  'B',
  '.',
  '..',
  '%2F',
  '%zz',
  ':443',
  ':8443',
  '?',
  '#',
  '@',
  '\\',
  ' ',
  'é',
]
const piece = fc.constantFrom(...pieces)

describe('ISSUER', () => {
  it.each([
    'https://id.example.com',
    'https://id.example.com:8443/team-a',
    'http://localhost:8080',
    'http://id.localhost',
    'http://127.0.0.2:1',
    'http://[::1]:8080',
  ])('may be %s', (text) => {
    expect(readDevConfig({ ISSUER: text })).toMatchObject({ value: { issuer: text } })
  })

  it.each([
    ['http://id.example.com', 'plain http is for loopback hosts alone'],
    ['http://127.0.0.1.example.com', 'plain http is for loopback hosts alone'],
    ['http://localhost.example.com', 'plain http is for loopback hosts alone'],
    ['https://id.example.com/', 'written exactly so: https://id.example.com'],
    ['https://id.example.com/a/', 'written exactly so: https://id.example.com/a'],
    ['https://ID.example.com', 'written exactly so: https://id.example.com'],
    ['https://id.example.com:443', 'written exactly so: https://id.example.com'],
    ['https://id.example.com/a/../b', 'written exactly so: https://id.example.com/b'],
    ['https://id.example.com?', 'without query and fragment'],
    ['https://id.example.com#top', 'without query and fragment'],
    ['https://id.example.com/team%20a', 'a URL whose path needs no percent-encoding'],
    ['https://id.example.com/é', 'a URL whose path needs no percent-encoding'],
    ['https://id.example.com/a/:team', 'no part that begins with : or *'],
    ['https://id.example.com/*', 'no part that begins with : or *'],
    ['https://me:hunter2@id.example.com', 'without a user name or password'],
    ['//id.example.com', 'an https URL'],
    ['ftp://id.example.com', 'an https URL'],
    [`https://id.example.com/${'a'.repeat(250)}`, 'at most 255 characters'],
  ])('may not be %s', (text, complaint) => {
    const read = readDevConfig({ ISSUER: text })
    expect(read.ok ? '' : read.refusal[0]?.complaint).toContain(complaint)
  })

  it('is kept byte for byte or refused, and has no second spelling', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (tail) => {
        const text = `https://id.example.com${tail.join('')}`
        const read = readDevConfig({ ISSUER: text })
        if (!read.ok) return
        const { origin, pathname } = new URL(text)
        expect(read.value.issuer).toBe(text)
        expect(origin + pathname).toBe(pathname === '/' ? `${text}/` : text)
      }),
      { numRuns: 1000 },
    )
  })
})

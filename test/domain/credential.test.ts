import { describe, expect, it } from 'vitest'
import {
  parsePhc,
  parseSecretHash,
  secretCostOf,
  whyUnusable,
} from '../../src/domain/credential.ts'
import { numericDate } from '../../src/domain/time.ts'
import { idOf } from './specimens.ts'

const credential = {
  id: idOf('credential', 1),
  enabled: true,
  expiresAt: numericDate(10),
  kind: 'unknown',
} as const

describe('a credential', () => {
  it('can be used until it ends', () => {
    expect(whyUnusable(credential, numericDate(9))).toBeUndefined()
    expect(whyUnusable(credential, numericDate(10))).toEqual({
      reason: 'credential_expired',
      credential: credential.id,
    })
    expect(whyUnusable({ ...credential, expiresAt: undefined }, numericDate(99))).toBeUndefined()
  })

  it('cannot be used while it is switched off', () => {
    expect(whyUnusable({ ...credential, enabled: false }, numericDate(0))).toEqual({
      reason: 'credential_disabled',
      credential: credential.id,
    })
  })
})

describe('the hash of a secret that was made elsewhere', () => {
  const salt = 'c2FsdHNhbHRzYWx0c2FsdA'
  const hash = 'aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'
  const made = (parameters: string, end = `${salt}$${hash}`) =>
    `$argon2id$v=19$${parameters}$${end}`

  it.each([
    ['generated', made('m=1024,t=1,p=1')],
    ['generated', made('m=1024,p=1,t=1')],
    ['imported', made('m=19456,t=2,p=1')],
    ['imported', made('m=19456,p=1,t=2')],
  ])('has one of two costs: %s, %s', (cost, text) => {
    expect(secretCostOf(text)).toBe(cost)
    expect(parseSecretHash(text)).toBe(text)
  })

  it.each([
    made('m=1024,t=2,p=1'),
    made('m=19456,t=1,p=1'),
    made('m=19456,t=2,p=2'),
    made('m=65536,t=3,p=4'),
    made('m=01024,t=1,p=1'),
    made('t=1,m=1024,p=1'),
    made('m=1024,t=1,p=1,keyid=AA'),
    made('m=1024,t=1,p=1', salt),
    made('m=1024,t=1,p=1', `${salt}A$${hash}`),
    made('m=1024,t=1,p=1', `${salt}$${hash}A`),
    made('m=1024,t=1,p=1', `${salt}==$${hash}=`),
    // Bits that hold nothing must be zero: the same bytes have one spelling.
    made('m=1024,t=1,p=1', `${salt.slice(0, -1)}B$${hash}`),
    made('m=1024,t=1,p=1', `${salt}$${hash.slice(0, -1)}h`),
    ` ${made('m=1024,t=1,p=1')}`,
    `${made('m=1024,t=1,p=1')}\n`,
    made('m=1024,t=1,p=1').replace('argon2id', 'argon2i'),
    made('m=1024,t=1,p=1').replace('v=19', 'v=16'),
    '',
  ])('is refused in any other form: %s', (text) => {
    expect(parseSecretHash(text)).toBeUndefined()
  })
})

describe('a secret at rest', () => {
  const salt = 'c2FsdHNhbHRzYWx0c2Fs'
  const hash = 'aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'

  it.each([
    `$argon2id$v=19$m=1024,t=1,p=1$${salt}$${hash}`,
    `$argon2id$v=19$m=19456,p=1,t=2$${salt}$${hash}`,
    `$argon2id$v=19$m=65536,t=10,p=16$${salt}$${hash}`,
    `$argon2id$v=19$m=65536,p=16,t=10$${salt}$${hash}`,
  ])('is Argon2id in PHC form: %s', (text) => {
    expect(parsePhc(text)).toBe(text)
  })

  it.each([
    ['another function', `$argon2i$v=19$m=1024,t=1,p=1$${salt}$${hash}`],
    ['another version', `$argon2id$v=16$m=1024,t=1,p=1$${salt}$${hash}`],
    ['no version', `$argon2id$m=1024,t=1,p=1$${salt}$${hash}`],
    ['a parameter missing', `$argon2id$v=19$m=1024,t=1$${salt}$${hash}`],
    ['a parameter more', `$argon2id$v=19$m=1024,t=1,p=1,data=AAAA$${salt}$${hash}`],
    ['a parameter that is no number', `$argon2id$v=19$m=1k,t=1,p=1$${salt}$${hash}`],
    ['no salt', `$argon2id$v=19$m=1024,t=1,p=1$$${hash}`],
    ['no hash', `$argon2id$v=19$m=1024,t=1,p=1$${salt}$`],
    ['only a salt', `$argon2id$v=19$m=1024,t=1,p=1$${salt}`],
    ['something in front', ` $argon2id$v=19$m=1024,t=1,p=1$${salt}$${hash}`],
    ['something behind it', `$argon2id$v=19$m=1024,t=1,p=1$${salt}$${hash}\n`],
    ['bcrypt', '$2b$12$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['a plain secret', 'secret'],
  ])('is refused with %s', (_, text) => {
    expect(parsePhc(text)).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { parsePhc, whyUnusable } from '../../src/domain/credential.ts'
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

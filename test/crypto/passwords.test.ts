import { describe, expect, it } from 'vitest'
import { passwords } from '../../src/crypto/passwords.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import { readPassword } from '../../src/domain/password.ts'

const { hash, verify, lane } = passwords()
const right = readPassword('correct horse battery staple')
const wrong = readPassword('correct horse battery stable')
if (right === undefined || wrong === undefined) throw new Error('not passwords')

describe('a password at rest', () => {
  it('is hashed at the OWASP cost, and fits itself alone', async () => {
    const phc = await hash(right)
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(phc).not.toContain('horse')
    expect(await verify(phc, right)).toBe(true)
    expect(await verify(phc, wrong)).toBe(false)
    expect(await verify(phc, undefined)).toBe(false)
  })

  it('that nobody has fits nothing', async () => {
    expect(await verify(undefined, right)).toBe(false)
    expect(await verify(undefined, undefined)).toBe(false)
  })

  it('is no secret of a client: what was hashed at another cost fits nothing', async () => {
    const secrets = await openSecrets()
    const { secret } = secrets.generate()
    const password = readPassword(secret)
    expect(await verify(await secrets.hash(secret), password)).toBe(false)
  })

  it('is hashed one at a time, and too many at once are refused', async () => {
    const tries = Array.from({ length: 25 }, async () => verify(undefined, wrong))
    expect(lane()).toMatchObject({ width: 1, running: 1, queued: 20 })
    const outcomes = await Promise.allSettled(tries)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(4)
  })
})

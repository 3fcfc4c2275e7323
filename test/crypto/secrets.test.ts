import { hash } from 'argon2'
import { beforeAll, describe, expect, it } from 'vitest'
import type { LanedSecrets } from '../../src/crypto/secrets.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { Phc } from '../../src/domain/credential.ts'
import { parsePhc } from '../../src/domain/credential.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import { parseSecret } from '../../src/domain/secret.ts'

let secrets: LanedSecrets
beforeAll(async () => {
  secrets = await openSecrets()
})

function phc(text: string): Phc {
  const parsed = parsePhc(text)
  if (parsed === undefined) throw new Error(`no PHC string: ${text}`)
  return parsed
}

describe('a generated secret', () => {
  it('has the form of a secret, and is never made twice', () => {
    const made = Array.from({ length: 1000 }, () => secrets.generate())
    expect(made.map(({ secret }) => parseSecret(secret))).toEqual(made)
    expect(new Set(made.map(({ secret }) => secret.slice(21))).size).toBe(1000)
    expect(new Set(made.map(({ handle }) => handle)).size).toBe(1000)
  })

  it('rests as Argon2id of 1 MiB, one pass, one lane, 32 bytes, under a salt of its own', async () => {
    const { secret } = secrets.generate()
    const hashes = await Promise.all([secrets.hash(secret), secrets.hash(secret)])
    expect(hashes[0]).not.toBe(hashes[1])
    for (const one of hashes) {
      expect(one).toMatch(
        /^\$argon2id\$v=19\$m=1024,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
      )
      expect(one).not.toContain(secret)
    }
  })

  it('fits its own hash and no other', async () => {
    const [mine, other] = [secrets.generate().secret, secrets.generate().secret]
    const resting = await secrets.hash(mine)
    expect(await secrets.verify(resting, mine)).toBe(true)
    expect(await secrets.verify(resting, other)).toBe(false)
    expect(await secrets.verify(await secrets.hash(other), mine)).toBe(false)
  })

  it('fits its hash with the parameters in another order, as some programs write them', async () => {
    const { secret } = secrets.generate()
    const resting = await secrets.hash(secret)
    expect(await secrets.verify(phc(resting.replace('t=1,p=1', 'p=1,t=1')), secret)).toBe(true)
  })

  it('fits no hash of another cost, though it was made from it', async () => {
    const { secret } = secrets.generate()
    const cost = { memoryCost: 1024, timeCost: 1, parallelism: 1 }
    const others = await Promise.all([
      hash(secret, { ...cost, memoryCost: 2048 }),
      hash(secret, { ...cost, timeCost: 2 }),
      hash(secret, { ...cost, parallelism: 2 }),
      hash(secret, { ...cost, hashLength: 16 }),
      hash(secret, { ...cost, salt: Buffer.alloc(8) }),
    ])
    const fits = await Promise.all(others.map((other) => secrets.verify(phc(other), secret)))
    expect(fits).toEqual([false, false, false, false, false])
  })

  it('fits its hash at the cost of an imported one, in a lane of its own', async () => {
    const { secret } = secrets.generate()
    const imported = phc(await hash(secret, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }))
    const waiting = Array.from({ length: 8 }, async () => secrets.verify(imported, secret))
    const cheap = await secrets.hash(secret)
    expect(await secrets.verify(cheap, secret)).toBe(true)
    expect(secrets.lanes().running).toBe(0)
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 8 }, () => true))
    expect(await secrets.verify(imported, secrets.generate().secret)).toBe(false)
  })

  it('is not computed at a cost that somebody wrote into the database', async () => {
    const { secret } = secrets.generate()
    const resting = await secrets.hash(secret)
    const huge = phc(resting.replace('m=1024,t=1,p=1', 'm=4194304,t=1000000,p=1'))
    const before = performance.now()
    expect(await secrets.verify(huge, secret)).toBe(false)
    expect(performance.now() - before).toBeLessThan(1000)
  })
})

describe('the decoy', () => {
  it('looks like the hash of a secret, and fits none', async () => {
    const { secret } = secrets.generate()
    const [, cost] = /^(.*)\$[^$]{22}\$[^$]{43}$/.exec(await secrets.hash(secret)) ?? []
    expect(/^(.*)\$[^$]{22}\$[^$]{43}$/.exec(secrets.decoy)?.[1]).toBe(cost ?? 'a hash')
    expect(await secrets.verify(secrets.decoy, secret)).toBe(false)
  })

  it('is another in every process', async () => {
    expect((await openSecrets()).decoy).not.toBe(secrets.decoy)
  })
})

describe('the lanes for hashing', () => {
  it('turn away what would have to wait too long, and answer all others', async () => {
    const { secret } = secrets.generate()
    const resting = await secrets.hash(secret)
    const all = Array.from({ length: 300 }, () => secrets.verify(resting, secret))
    const outcomes = await Promise.allSettled(all)
    const answers = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const faults = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(answers.length).toBeGreaterThan(100)
    expect(answers.every(Boolean)).toBe(true)
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.every((fault) => fault instanceof Unavailable)).toBe(true)
    expect(await secrets.verify(resting, secret)).toBe(true)
  })

  it('hold back hashing for new secrets as well', async () => {
    const { secret } = secrets.generate()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 300 }, () => secrets.hash(secret)),
    )
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true)
  })
})

describe('the tag of a secret', () => {
  it('is the same for the same secret, and differs for every other', () => {
    const [mine, other] = [secrets.generate().secret, secrets.generate().secret]
    expect(secrets.sameTag(secrets.tag(mine), secrets.tag(mine))).toBe(true)
    expect(secrets.sameTag(secrets.tag(mine), secrets.tag(other))).toBe(false)
  })

  it('is 256 bits that mean nothing to another process', async () => {
    const { secret } = secrets.generate()
    const another = await openSecrets()
    expect(secrets.tag(secret)).toHaveLength(32)
    expect(secrets.sameTag(secrets.tag(secret), another.tag(secret))).toBe(false)
  })
})

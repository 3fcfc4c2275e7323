import { describe, expect, it } from 'vitest'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { ClientSecretCredential } from '../../src/domain/credential.ts'
import { encodeId } from '../../src/domain/id.ts'
import { rememberedAttempts } from '../../src/memory/attempts.ts'
import { testClock } from '../support/clock.ts'
import { failuresMax } from '../support/failures-max.ts'

const secrets = await openSecrets()
const client = encodeId('service_account', new Uint8Array(16).fill(1))
const other = encodeId('service_account', new Uint8Array(16).fill(2))
const at = { client, network: '192.0.2.7' }
const refusal = { reason: 'credential_unknown' } as const

function remembered() {
  const clock = testClock()
  return { clock, attempts: rememberedAttempts(secrets, clock, failuresMax) }
}

function newTag() {
  return secrets.tag(secrets.generate().secret)
}

describe('a proof that succeeded', () => {
  it('is known for the very credential it proved, and for no other secret', () => {
    const { attempts } = remembered()
    const credential = {} as ClientSecretCredential
    const tag = newTag()
    attempts.proved(credential, tag)
    expect(attempts.hasProved(credential, tag)).toBe(true)
    expect(attempts.hasProved(credential, newTag())).toBe(false)
    expect(attempts.hasProved({} as ClientSecretCredential, tag)).toBe(false)
  })
})

describe('a proof that failed', () => {
  it('is known for ten seconds', () => {
    const { attempts, clock } = remembered()
    const tag = newTag()
    attempts.failed({ client, tag, refusal })
    clock.turn(10)
    expect(attempts.failureOf(client, tag)).toEqual(refusal)
    expect(attempts.failureOf(client, newTag())).toBeUndefined()
    expect(attempts.failureOf(other, tag)).toBeUndefined()
    clock.turn(1)
    expect(attempts.failureOf(client, tag)).toBeUndefined()
  })

  it('is forgotten when its client changes, and not when another does', () => {
    const { attempts } = remembered()
    const tag = newTag()
    attempts.failed({ client, tag, refusal })
    attempts.forget(other)
    expect(attempts.failureOf(client, tag)).toEqual(refusal)
    attempts.forget(client)
    expect(attempts.failureOf(client, tag)).toBeUndefined()
  })

  it('is forgotten when anything shared changes', () => {
    const { attempts } = remembered()
    const tag = newTag()
    attempts.failed({ client, tag, refusal })
    attempts.forget()
    expect(attempts.failureOf(client, tag)).toBeUndefined()
  })

  it('counts against its client at its network, and not against others there', () => {
    const { attempts } = remembered()
    for (let failed = 0; failed < 10; failed += 1) expect(attempts.begin(at)).toBeUndefined()
    expect(attempts.begin(at)).toBe(1)
    expect(attempts.begin({ ...at, client: other })).toBeUndefined()
    expect(attempts.begin({ ...at, network: '198.51.100.1' })).toBeUndefined()
  })
})

describe('attempts at the limit of their network', () => {
  it('do not count against their clients as well', () => {
    const clock = testClock()
    const attempts = rememberedAttempts(secrets, clock, { perClient: 10, perNetwork: 1 })
    expect(attempts.begin(at)).toBeUndefined()
    for (let limited = 0; limited < 20; limited += 1) expect(attempts.begin(at)).toBe(10)
    const elsewhere = { ...at, network: '198.51.100.1' }
    expect(attempts.begin(elsewhere)).toBeUndefined()
    clock.turn(10)
    expect(attempts.begin(at)).toBeUndefined()
  })
})

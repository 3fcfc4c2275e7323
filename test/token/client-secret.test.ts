import { describe, expect, it } from 'vitest'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { Client } from '../../src/domain/client.ts'
import { encodeId } from '../../src/domain/id.ts'
import { numericDate } from '../../src/domain/time.ts'
import { rememberedAttempts } from '../../src/memory/attempts.ts'
import type { SecretNeeds } from '../../src/token/client-authentication/client-secret.ts'
import { bySecret } from '../../src/token/client-authentication/client-secret.ts'
import { refusalTime } from '../../src/token/constant-time-refusal.ts'
import { testClock } from '../support/clock.ts'
import { failuresMax } from '../support/failures-max.ts'

const secrets = await openSecrets()
const id = encodeId('service_account', new Uint8Array(16).fill(1))
const organization = encodeId('organization', new Uint8Array(16).fill(2))
const { secret, handle } = secrets.generate()
const hash = await secrets.hash(secret)
const presentation = { now: numericDate(0), network: '192.0.2.7' }

function client(enabled: boolean): Client {
  return {
    id,
    organization,
    principal: id,
    principalType: 'service_account',
    enabled: true,
    expiresAt: undefined,
    tokenLifetime: undefined,
    groups: [],
    bindings: [],
    credentials: [
      {
        kind: 'client_secret',
        id: encodeId('credential', new Uint8Array(16).fill(3)),
        enabled,
        expiresAt: undefined,
        handle,
        hash,
      },
    ],
  }
}

/** A client whose credential is disabled, until a change arrives while `during` is going on. */
function scene(during: 'the look' | 'the hash' | 'nothing') {
  let version = 0
  let stored = client(false)
  let looks = 0
  const change = () => {
    stored = client(true)
    version += 1
    attempts.forget(id)
  }
  const attempts = rememberedAttempts(secrets, testClock(), failuresMax)
  const needs: SecretNeeds = {
    clients: {
      peek: () => undefined,
      find: async () => {
        const found = stored
        looks += 1
        if (during === 'the look') change()
        return found
      },
      organizationOf: async () => ({ id: organization, enabled: true, defaultAudience: undefined }),
      version: () => version,
    },
    secrets: {
      ...secrets,
      verify: async (phc, text) => {
        const fits = await secrets.verify(phc, text)
        if (during === 'the hash') change()
        return fits
      },
    },
    attempts,
  }
  return { needs, looks: () => looks }
}

describe('a failure that a change cures while it is being worked out', () => {
  it.each(['the look', 'the hash'] as const)('during %s is not remembered', async (during) => {
    const { needs } = scene(during)
    expect(await bySecret(needs, { client: id, secret }, presentation)).toMatchObject({ ok: false })
    expect(await bySecret(needs, { client: id, secret }, presentation)).toMatchObject({ ok: true })
  })
})

describe('a client that is not remembered', () => {
  it('costs one look at the database', async () => {
    const { needs, looks } = scene('the hash')
    await bySecret(needs, { client: id, secret }, presentation)
    expect(looks()).toBe(1)
  })
})

describe('a no', () => {
  const wrong = secrets.generate().secret
  const cases: Record<string, (needs: SecretNeeds) => Promise<unknown>> = {
    'a malformed secret': async () => undefined,
    'a failure that is recalled': async (needs) =>
      bySecret(needs, { client: id, secret: wrong }, presentation),
    'a proof that has ended': async (needs) => {
      const [credential] = client(false).credentials
      if (credential?.kind !== 'client_secret') throw new Error('not a secret')
      needs.attempts.proved(credential, secrets.tag(secret))
      Object.assign(needs.clients, {
        peek: () => ({ ...client(false), credentials: [credential] }),
      })
    },
    'a caller that is limited': async ({ attempts }) => {
      const attempted = { client: id, network: presentation.network }
      for (let failure = 0; failure < 10; failure += 1) attempts.begin(attempted)
    },
  }
  it.each(Object.entries(cases))('takes no less time for %s [7]', async (what, prepare) => {
    const { needs } = scene('nothing')
    await prepare(needs)
    const given = { 'a malformed secret': 'x', 'a proof that has ended': secret }[what] ?? wrong
    const started = performance.now()
    expect(await bySecret(needs, { client: id, secret: given }, presentation)).toMatchObject({
      ok: false,
    })
    // A timer may be early by what is left of a millisecond.
    expect(performance.now() - started).toBeGreaterThanOrEqual(refusalTime - 1)
  })
})

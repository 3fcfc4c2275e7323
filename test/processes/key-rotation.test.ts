import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyVault } from '../../src/crypto/key-vault.ts'
import { tokenLifetimeMax } from '../../src/domain/api.ts'
import type { Kid } from '../../src/domain/key-ring.ts'
import { keyRules } from '../../src/domain/key-rotation.ts'
import { seconds } from '../../src/domain/time.ts'
import { rewrapSigningKeys } from '../../src/management/key-encryption-key.ts'
import { revokeSigningKey } from '../../src/management/signing-key-revocation.ts'
import { readSigningKeys } from '../../src/storage/signing-keys.ts'
import { serverAudit } from '../management/keys.ts'
import type { CachingVerifier } from '../support/caching-verifier.ts'
import { cachingVerifier } from '../support/caching-verifier.ts'
import { onPostgres } from '../support/database.ts'
import { requestToken } from '../support/fixtures.ts'
import { keyEncryptionKey } from '../support/house.ts'
import type { Pair } from '../support/pair.ts'
import { openPair } from '../support/pair.ts'
import type { ServerProcess } from '../support/processes.ts'
import { spawnServer } from '../support/processes.ts'

const previousText = randomBytes(32).toString('base64')
const env = {
  JWKS_MAX_AGE: '1s',
  MAX_STALE: '3s',
  KEY_ROTATION_MARGIN: '1s',
  KEY_ROTATION_INTERVAL: '5s',
  // Both are held by both: which of them seals can change under way.
  KEY_ENCRYPTION_KEY_PREVIOUS: previousText,
}
const rules = keyRules(
  {
    jwksMaxAge: seconds(1),
    maxStale: seconds(3),
    rotationMargin: seconds(1),
    rotationInterval: seconds(5),
  },
  tokenLifetimeMax,
)

type Issued = { readonly kid: string; readonly askedAt: number }

/**
 * Asks each process for tokens all the while, and has every one of them verified by both verifiers,
 * each of which has its keys from another process; the first of each key again and again.
 */
function startCallers({ servers, terraform }: Pair, verifiers: readonly CachingVerifier[]) {
  const issued: Issued[] = []
  const failures: { readonly kid: string; readonly why: string }[] = []
  const firsts = new Map<string, string>()
  const stopping = new AbortController()
  const judge = async (kid: string, token: string) => {
    for (const { whyBad } of verifiers) {
      const why = await whyBad(token)
      if (why !== undefined) failures.push({ kid, why })
    }
  }
  const loops = servers.map(async ({ url: issuer }) => {
    while (!stopping.signal.aborted) {
      const askedAt = performance.now()
      const response = await requestToken({ issuer }, terraform)
      const body = (await response.json()) as { access_token?: string }
      const token = body.access_token
      if (token === undefined) {
        failures.push({ kid: '', why: JSON.stringify(body) })
      } else {
        const { kid = '' } = decodeProtectedHeader(token)
        issued.push({ kid, askedAt })
        if (!firsts.has(kid)) firsts.set(kid, token)
        await judge(kid, token)
        for (const [known, first] of firsts) await judge(known, first)
      }
      await pause(20)
    }
  })
  return {
    issued,
    failures,
    firsts,
    stop: async () => {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`never came: ${what}`)
    await pause(50)
  }
}

describe.runIf(onPostgres)('signing keys, at two processes over one PostgreSQL', () => {
  let pair: Pair
  let stranger: ServerProcess
  let verifiers: readonly CachingVerifier[]
  beforeAll(async () => {
    pair = await openPair(env)
    const foreign = randomBytes(32).toString('base64')
    const { KEY_ENCRYPTION_KEY_PREVIOUS: _, ...others } = env
    stranger = await spawnServer({ ...pair.wishes, keyEncryptionKey: foreign, env: others })
    verifiers = pair.servers.map(({ url }) => cachingVerifier(url))
  })
  afterAll(async () => {
    await stranger.stop()
    await pair.close()
  })

  const [first, second] = [() => keyEncryptionKey(pair.wishes.keyEncryptionKey), previousText]
  /** Who acts beside the processes; seals with the other of their two key-encryption keys. */
  const keyPorts = () => ({
    db: pair.ports.db,
    vault: keyVault([keyEncryptionKey(second), first()]),
    rules,
  })

  it('succeed each other and are sealed anew under load, and nothing fails', async () => {
    const callers = startCallers(pair, verifiers)
    await until('the first rotation', () => callers.firsts.size >= 2)
    const rewrapped = await rewrapSigningKeys(keyPorts(), pair.act())
    expect(rewrapped).toMatchObject({
      ok: true,
      value: { from: first().id, to: keyEncryptionKey(second).id },
    })
    await until('the third rotation', () => callers.firsts.size >= 4)
    await callers.stop()

    expect(callers.failures).toEqual([])
    expect(callers.issued.length).toBeGreaterThan(100)
    const made = await serverAudit(pair.ports)
    const count = (kind: string) => made.filter((entry) => entry['kind'] === kind).length
    expect(count('signing_key.planned')).toBeGreaterThanOrEqual(3)
    // The two that there were at the beginning, and one with every rotation.
    expect(count('signing_key.created')).toBe(2 + count('signing_key.planned'))
    const stored = await readSigningKeys(pair.ports.db.management)
    expect(stored.keyEncryptionKeyId).toBe(keyEncryptionKey(second).id)
    expect(new Set(stored.keys.map((key) => key.keyEncryptionKeyId))).toEqual(
      new Set([keyEncryptionKey(second).id]),
    )
  }, 60_000)

  it('are left alone by a process with another key-encryption key, which is not ready', async () => {
    await until('it listens', async () => stranger.output().includes('listening'))
    const ready = await fetch(`${stranger.url}/health/ready`)
    const { reasons } = (await ready.json()) as { reasons: readonly string[] }
    expect(ready.status).toBe(503)
    const sealing = keyEncryptionKey(second).id
    expect(reasons[0]).toMatch(
      new RegExp(
        `^signing key \\S{43} cannot be opened: it is sealed under the key-encryption key ${sealing}, and this process holds \\S{22}; see Signing keys in docs/operations\\.md$`,
      ),
    )
    const lines = stranger.log().filter(({ msg }) => msg === 'signing keys cannot be used')
    expect(lines.at(-1)).toMatchObject({ problems: expect.arrayContaining([reasons[0]]) })
    expect((await requestToken({ issuer: stranger.url }, pair.terraform)).status).toBe(503)
  })

  it('fail within a second when revoked, and the next one is held by everyone already', async () => {
    const callers = startCallers(pair, verifiers)
    await until('tokens', () => callers.issued.length > 20)
    const kid = callers.issued.at(-1)?.kid as Kid
    const token = callers.firsts.get(kid) ?? ''
    const held = verifiers.map(({ kids }) => kids())
    const outcome = await revokeSigningKey(keyPorts(), pair.act(), kid)
    const acknowledged = performance.now()
    if (!outcome.ok || outcome.value.successor === undefined) throw new Error('not revoked')
    for (const kids of held) expect(kids).toContain(outcome.value.successor.kid)

    await pause(2500)
    await callers.stop()
    const late = callers.issued.filter((one) => one.askedAt > acknowledged + 1000)
    expect(late.length).toBeGreaterThan(20)
    expect(late.filter((one) => one.kid === kid)).toEqual([])
    // Whatever else was signed is good everywhere, from the first token of the next key on.
    expect(callers.failures.filter((one) => one.kid !== kid)).toEqual([])
    for (const verifier of verifiers) {
      expect(await verifier.whyBad(token)).toBe('the key is not known')
    }
  }, 30_000)
})

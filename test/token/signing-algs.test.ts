import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { JWK } from 'jose'
import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { verifyToken } from '../../src/crypto/verify-token.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import { accept } from '../../src/domain/result.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { changeApi } from '../../src/management/apis.ts'
import { listSigningKeys } from '../../src/storage/signing-keys.ts'
import { addSignedApi, tokenSoon } from '../conformance/scene.ts'
import { fetchToken, requestToken } from '../support/fixtures.ts'
import type { TestHouse } from '../support/house.ts'
import { openTestHouse, testKeyRules } from '../support/house.ts'
import { accepted } from '../support/operator.ts'

type Signed = Awaited<ReturnType<typeof addSignedApi>>

let house: TestHouse
beforeAll(async () => void (house = await openTestHouse()))
afterAll(async () => house.close())

async function publishedKeys({ issuer }: Pick<TestHouse, 'issuer'> = house): Promise<JWK[]> {
  const response = await fetch(`${issuer}/.well-known/jwks.json`)
  return ((await response.json()) as { keys: JWK[] }).keys
}

async function keysOfAlg(wanted: SigningAlg): Promise<void> {
  while (!(await publishedKeys()).some(({ alg }) => alg === wanted)) await pause(10)
}

describe.each(signingAlgs)('an API that is created with %s, on a running server', (alg) => {
  let api: Signed
  let token: string
  beforeAll(async () => {
    api = await addSignedApi(house, alg)
    token = await tokenSoon(house, api.client)
  })
  const expected = () => ({ issuer: house.issuer, audience: api.api.audience })

  it('gets tokens at once that are signed with it, and a resource server accepts', async () => {
    expect(decodeProtectedHeader(token)).toEqual({ alg, typ: 'at+jwt', kid: expect.any(String) })
    expect(await verifyToken(token, expected())).toMatchObject({
      ok: true,
      value: { sub: api.client.id, scope: 'orders:read' },
    })
  })

  it('gets none that can be altered', async () => {
    const at = token.length - 20
    const other = token[at] === 'A' ? 'B' : 'A'
    const altered = `${token.slice(0, at)}${other}${token.slice(at + 1)}`
    expect(await verifyToken(altered, expected())).toEqual({
      ok: false,
      refusal: { reason: 'token_invalid', what: 'signature verification failed' },
    })
  })

  it('has a next key that is published before it is needed', async () => {
    const keys = (await publishedKeys()).filter((key) => key.alg === alg)
    expect(keys).toHaveLength(2)
    expect(keys.map(({ kid }) => kid)).toContain(decodeProtectedHeader(token).kid)
  })

  it('says in its event what signed', () => {
    const { kid } = decodeProtectedHeader(token)
    const issued = house.events.filter((event) => event.kind === 'token_issued')
    expect(issued.filter((event) => event.kid === kid)).toContainEqual(
      expect.objectContaining({ alg, audience: api.api.audience }),
    )
  })
})

describe('an API with a new algorithm, at two processes of one server', () => {
  it('has the keys that one of them made', async () => {
    const first = await openTestHouse()
    onTestFinished(first.close)
    const { db, clock, issuer } = first
    const other = await openTestHouse({ db, clock, issuer })
    onTestFinished(other.close)
    const { client } = await addSignedApi(first, 'Ed25519')
    const tokens = [await tokenSoon(first, client), await tokenSoon({ issuer: other.url }, client)]
    const kids = new Set(tokens.map((token) => decodeProtectedHeader(token).kid))
    expect(kids.size).toBe(1)
    await Promise.all([first.caughtUp(), other.caughtUp()])
    const keys = await listSigningKeys(db.management)
    expect(keys.filter(({ alg }) => alg === 'Ed25519')).toHaveLength(2)
  })
})

describe('an algorithm that only a newer program knows', () => {
  it('is no trouble for the tokens of other APIs', async () => {
    const mixed = await openTestHouse()
    onTestFinished(mixed.close)
    const [api, other] = [await addSignedApi(mixed, 'Ed25519'), await addSignedApi(mixed, 'ES256')]
    await tokenSoon(mixed, api.client)
    await makeUnknown(mixed, api)
    const response = await requestToken(mixed, api.client)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    const { alg } = decodeProtectedHeader(await fetchToken(mixed, other.client))
    const algs = (await publishedKeys(mixed)).map((key) => key.alg)
    expect([alg, new Set(algs)]).toEqual(['ES256', new Set(['ES256'])])
    expect((await fetch(`${mixed.url}/health/ready`)).status).toBe(200)
  })
})

/** Lets an API, and the keys of its algorithm, be what a newer program wrote. */
async function makeUnknown({ db, act, caughtUp }: TestHouse, { organization, api }: Signed) {
  const target = { type: 'api', id: api.id }
  accepted(
    await inTransaction<undefined, never>(db, organization, act(), async (tx) => {
      await sql`update signing_key set alg = 'NEW-1' where alg = 'Ed25519'`.execute(tx)
      await sql`update api set signing_alg = 'NEW-1' where id = ${api.id}`.execute(tx)
      return accept({
        value: undefined,
        audit: [{ kind: 'api.changed', target }],
        changes: [
          { kind: 'signing_key', organization: undefined, subject: 'new' },
          { kind: 'api', organization, subject: api.audience },
        ],
      })
    }),
  )
  await caughtUp()
}

/** How long a key is published before it signs. */
const { lead } = testKeyRules()
const stepSeconds = 60

describe('an API that is given another algorithm, on a running server', () => {
  let switched: Signed
  /** When each key was first published, as far as anybody could see. */
  const firstSeen = new Map<string | undefined, number>()
  beforeAll(async () => {
    await house.close()
    house = await openTestHouse()
    switched = await addSignedApi(house, 'ES256')
    await look()
    house.clock.turn(stepSeconds)
  })

  async function look(): Promise<void> {
    for (const { kid } of await publishedKeys()) {
      if (!firstSeen.has(kid)) firstSeen.set(kid, house.clock.now())
    }
  }

  async function give(signingAlg: SigningAlg): Promise<void> {
    const { organization, api } = switched
    const change = { organization, api: api.id, signingAlg }
    accepted(await changeApi(house.house.management, house.act(), change))
    await house.caughtUp()
  }

  /** What signs, step by step: there is a token each time, and its key was long published. */
  async function algsFor(periodSeconds: number): Promise<readonly (string | undefined)[]> {
    const algs: (string | undefined)[] = []
    for (let passed = 0; passed <= periodSeconds; passed += stepSeconds) {
      await look()
      const { alg, kid } = decodeProtectedHeader(await fetchToken(house, switched.client))
      const isFirst = firstSeen.get(kid) === Math.min(...firstSeen.values())
      const age = house.clock.now() - (firstSeen.get(kid) ?? Infinity)
      expect({ kid, isKnown: isFirst || age >= lead }).toEqual({ kid, isKnown: true })
      if (algs.at(-1) !== alg) algs.push(alg)
      house.clock.turn(stepSeconds)
    }
    return algs
  }

  it('goes over to it, never without a token or with a key that somebody may not know', async () => {
    await give('RS256')
    await keysOfAlg('RS256')
    expect(await algsFor(lead + stepSeconds)).toEqual(['ES256', 'RS256'])
  })

  it('does so too when it is changed again before it got there', async () => {
    await give('Ed25519')
    await keysOfAlg('Ed25519')
    expect(await algsFor(lead / 2)).toEqual(['RS256'])
    await give('ML-DSA-44')
    await keysOfAlg('ML-DSA-44')
    expect(await algsFor(lead + stepSeconds)).toEqual(['RS256', 'ML-DSA-44'])
  })

  it('goes back at once to what has been known for long', async () => {
    await give('ES256')
    expect(await algsFor(stepSeconds)).toEqual(['ES256'])
  })
})

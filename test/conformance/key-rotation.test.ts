import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { keyVault } from '../../src/crypto/key-vault.ts'
import type { Kid } from '../../src/domain/key-ring.ts'
import { revokeSigningKey } from '../../src/management/signing-key-revocation.ts'
import { rotateDueSigningKeys, rotateSigningKeys } from '../../src/management/signing-keys.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { buildDemoHouse, fetchToken } from '../support/fixtures.ts'
import { testKeyEncryptionKey, testKeyRules } from '../support/house.ts'

type Jwks = { readonly keys: { readonly kid: string; readonly kty: string }[] }

const rules = testKeyRules()
const lifetimeMax = 3600
const skew = 60

function keyPorts({ db }: DemoHouse) {
  return { db, vault: keyVault([testKeyEncryptionKey]), rules }
}

async function published({ url }: DemoHouse) {
  const response = await fetch(`${url}/.well-known/jwks.json`)
  const jwks = (await response.json()) as Jwks
  const cache = response.headers.get('cache-control') ?? ''
  const maxAge = Number(/max-age=(\d+)/.exec(cache)?.[1])
  return { jwks, maxAge, kids: jwks.keys.map(({ kid }) => kid) }
}

async function tokenOf(house: DemoHouse) {
  const token = await fetchToken(house, house.terraform)
  return { token, kid: decodeProtectedHeader(token).kid ?? '' }
}

/** Whether a resource server that holds these keys accepts the token, as far as its signature goes. */
async function isGood({ clock }: DemoHouse, token: string, jwks: Jwks): Promise<boolean> {
  const currentDate = new Date(clock.wall())
  return jwtVerify(token, createLocalJWKSet(jwks), { currentDate }).then(
    () => true,
    () => false,
  )
}

describe('a signing key', () => {
  it('is published for longer than others keep the keys before it signs, and until its last token has died [113, 115]', async () => {
    const house = await buildDemoHouse()
    const { clock } = house
    await rotateSigningKeys(keyPorts(house), house.act())
    await house.caughtUp()
    const announced = await published(house)
    const start = clock.now()
    const before = await tokenOf(house)
    const signedLast = new Map<string, number>()

    // Ten minutes at a time, through the rotation and past the end of the last token.
    for (let minutes = 0; minutes < 130; minutes += 10) {
      const { kid, token } = await tokenOf(house)
      signedLast.set(kid, clock.now())
      const { jwks, kids } = await published(house)
      expect(await isGood(house, token, announced.jwks)).toBe(true)
      expect(await isGood(house, token, jwks)).toBe(true)
      const needed = [...signedLast].filter(([, when]) => clock.now() < when + lifetimeMax + skew)
      expect(needed.filter(([known]) => !kids.includes(known))).toEqual([])
      expect(kid === before.kid || clock.now() - start > announced.maxAge).toBe(true)
      clock.turn(600)
      await rotateDueSigningKeys(keyPorts(house), house.act())
      await house.caughtUp()
    }
    expect(signedLast.size).toBe(2)
    expect((await published(house)).kids).not.toContain(before.kid)
  })

  it('that is revoked is published no more, and takes its tokens with it, but no other’s [114]', async () => {
    const house = await buildDemoHouse()
    house.clock.turn(rules.lead)
    const old = await tokenOf(house)
    const held = (await published(house)).jwks
    expect(await isGood(house, old.token, held)).toBe(true)
    await revokeSigningKey(keyPorts(house), house.act(), old.kid as Kid)
    await house.caughtUp()

    const { jwks, kids } = await published(house)
    expect(kids).not.toContain(old.kid)
    expect(await isGood(house, old.token, jwks)).toBe(false)
    const { kid, token } = await tokenOf(house)
    expect(kid).not.toBe(old.kid)
    // Whoever has not asked for the keys since knows the key that took over.
    expect(await isGood(house, token, held)).toBe(true)
    expect(await isGood(house, token, jwks)).toBe(true)
  })
})

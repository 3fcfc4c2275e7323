import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseDescription, parseName } from '../../src/domain/name.ts'
import { addGroupMember, createGroup } from '../../src/management/groups.ts'
import { runningClock } from '../support/clock.ts'
import type { DemoHouse, TestClient } from '../support/fixtures.ts'
import { fetchToken, openDemoHouse } from '../support/fixtures.ts'
import type { Expected } from './verifiers.ts'
import { expectedFrom, leewaySeconds, verifiers } from './verifiers.ts'

const hour = 3600
/** ñ, 東, 😀: of two, three and four bytes in UTF-8. */
const groupInManyScripts = 'Coruña 東京 😀'

let house: DemoHouse
let expected: Expected
let token: string
let expiredToken: string
let tokenShortlySigned: string
beforeAll(async () => {
  house = await openDemoHouse({ clock: runningClock({ behind: hour }) })
  expected = expectedFrom(house)
  expiredToken = await fetchToken(house, house.terraform)
  house.clock.setWall(hour)
  token = await fetchToken(house, house.terraform)
  tokenShortlySigned = await tokenWithShortSignature()
  await joinGroup(house.ci, groupInManyScripts)
}, 120_000)
afterAll(async () => house.close())

for (const { name, isInstalled, verify, refusals } of verifiers) {
  const absence = isInstalled ? '' : ' (skipped: it is not installed)'

  describe.skipIf(!isInstalled)(`${name}${absence}`, () => {
    it('accepts a token and reads its claims', async () => {
      expect(await verify(token, expected)).toEqual({
        claims: {
          iss: house.issuer,
          aud: house.demo.audience,
          sub: house.terraform.id,
          client_id: house.terraform.id,
          org_id: house.demo.organization,
          principal_type: 'service_account',
          jti: expect.any(String),
          iat: expect.any(Number),
          exp: expect.any(Number),
          scope: 'deployments:read deployments:write',
          roles: ['deployer'],
          authorization_details: [
            {
              type: 'role',
              role: 'node-restarter',
              resource: 'cluster/prod-eu',
              permissions: ['nodes:restart'],
            },
          ],
        },
      })
    })

    it('accepts a signature whose R or S begins with zeros', async () => {
      const verdict = await verify(tokenShortlySigned, expected)
      expect(verdict).toMatchObject({ claims: { sub: house.terraform.id } })
    })

    it('reads names in any script', async () => {
      const verdict = await verify(await fetchToken(house, house.ci), expected)
      expect(verdict).toMatchObject({
        claims: { groups: [groupInManyScripts, 'platform'] },
      })
    })

    it('accepts a token from a server whose clock is ahead, within its leeway', async () => {
      house.clock.setWall(leewaySeconds / 2)
      const early = await fetchToken(house, house.terraform)
      house.clock.setWall(-leewaySeconds / 2)
      expect(await verify(early, expected)).toHaveProperty('claims')
    })

    it('refuses a token for another audience', async () => {
      const elsewhere = { ...expected, audience: 'https://elsewhere.example.com' }
      expect(await verify(token, elsewhere)).toEqual(refusal(refusals.audience))
    })

    it('refuses a token of another issuer', async () => {
      const other = { ...expected, issuer: 'https://other.example.com' }
      expect(await verify(token, other)).toEqual(refusal(refusals.issuer))
    })

    it.each(['scope', 'sub'])('refuses a token whose %s was changed', async (claim) => {
      const changed = withClaim(token, claim, 'admin')
      expect(await verify(changed, expected)).toEqual(refusal(refusals.signature))
    })

    it('refuses a token that a stranger signed in the name of a published key', async () => {
      expect(await verify(signedByStranger(token), expected)).toEqual(refusal(refusals.signature))
    })

    it('refuses a token that has expired', async () => {
      expect(await verify(expiredToken, expected)).toEqual(refusal(refusals.expired))
    })
  })
}

function refusal(own: string) {
  return { refused: expect.stringContaining(own) }
}

/**
 * A token in whose signature R or S has a zero byte in front: numbers of fixed length. RFC 7518 §3.4.
 * The bit that follows is zero too, or else DER had put the byte there already. One token in 256.
 */
async function tokenWithShortSignature(): Promise<string> {
  for (let tries = 0; tries < 4000; tries += 1) {
    const candidate = await fetchToken(house, house.terraform)
    const signature = Buffer.from(parts(candidate)[2], 'base64url')
    if (signature.readUInt16BE(0) < 0x80 || signature.readUInt16BE(32) < 0x80) return candidate
  }
  throw new Error('no signature with a short number')
}

function withClaim(original: string, claim: string, value: string): string {
  const [header, payload, signature] = parts(original)
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return [header, base64url(JSON.stringify({ ...claims, [claim]: value })), signature].join('.')
}

function signedByStranger(original: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const [header, payload] = parts(original)
  const input = `${header}.${payload}`
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

function parts(jwt: string): readonly [string, string, string] {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  return [header, payload, signature]
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

async function joinGroup({ id }: TestClient, name: string): Promise<void> {
  const { house: inner, demo, act, caughtUp } = house
  const { organization } = demo
  const ports = inner.management
  const input = {
    organization,
    name: parsed(parseName(name)),
    description: parsed(parseDescription('')),
  }
  const group = await createGroup(ports, act(), input)
  if (!group.ok) throw new Error(group.refusal.reason)
  await addGroupMember(ports, act(), { organization, group: group.value.id, principal: id })
  await caughtUp()
}

function parsed<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('malformed')
  return value
}

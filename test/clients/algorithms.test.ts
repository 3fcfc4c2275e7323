import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import { addSignedApi, tokenSoon } from '../conformance/scene.ts'
import { runningClock } from '../support/clock.ts'
import type { TestHouse } from '../support/house.ts'
import { openTestHouse } from '../support/house.ts'
import type { Expected } from './verifiers.ts'
import { verifiers } from './verifiers.ts'

type Signed = { readonly token: string; readonly expected: Expected }

/** A house that publishes keys of every algorithm, and a token of each. */
let house: TestHouse
const signed = new Map<SigningAlg, Signed>()
beforeAll(async () => {
  house = await openTestHouse({ clock: runningClock() })
  for (const alg of signingAlgs) signed.set(alg, await tokenOf(alg))
}, 60_000)
afterAll(async () => house.close())

async function tokenOf(alg: SigningAlg): Promise<Signed> {
  const { api, client } = await addSignedApi(house, alg)
  const token = await tokenSoon(house, client)
  const { issuer } = house
  const jwksUri = `${issuer}/.well-known/jwks.json`
  return { token, expected: { issuer, audience: api.audience, jwksUri, alg } }
}

function signedWith(alg: SigningAlg): Signed {
  const found = signed.get(alg)
  if (found === undefined) throw new Error(`no token with ${alg}`)
  return found
}

/** The same token with another signature of the same length. */
function tampered({ token }: Signed): string {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30)
  return [header, claims, bytes.toString('base64url')].join('.')
}

describe('docs/clients.md', () => {
  it('says which algorithms each verifier takes', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../docs/clients.md'), 'utf8')
    const rows = guide.split('\n').map((line) => line.split(/ ?\| ?/).slice(1, -1))
    const [, ...algs] =
      rows.find(([first, second]) => first === 'verifier' && second === 'ES256') ?? []
    const told = verifiers.map(({ name }) => {
      const row = rows.find((cells) => cells[0] === name && cells.length > algs.length) ?? []
      return algs.filter((_, column) => row[column + 1] === 'yes')
    })
    expect(told.map((list) => new Set(list))).toEqual(
      verifiers.map(({ takes }) => new Set<string>(takes)),
    )
  })
})

for (const { name, isInstalled, takes, verify, refusals } of verifiers) {
  const absence = isInstalled ? '' : ' (skipped: it is not installed)'

  describe.skipIf(!isInstalled)(`${name}${absence}`, () => {
    it.each(takes)('accepts a token signed with %s, among keys of every algorithm', async (alg) => {
      const { token, expected } = signedWith(alg)
      expect(await verify(token, expected)).toMatchObject({ claims: { scope: 'orders:read' } })
    })

    it.each(takes)('refuses a token with another signature of %s', async (alg) => {
      const { expected } = signedWith(alg)
      expect(await verify(tampered(signedWith(alg)), expected)).toEqual({
        refused: expect.stringContaining(refusals.signature),
      })
    })

    const others = signingAlgs.filter((alg) => !takes.includes(alg))
    it.runIf(others.length > 0).each(others)('does not know %s', async (alg) => {
      const { token, expected } = signedWith(alg)
      const verdict = await verify(token, expected).catch((error: unknown) => ({
        refused: String(error),
      }))
      expect(verdict).toEqual({ refused: expect.any(String) })
    })
  })
}

import { describe, expect, it } from 'vitest'
import { keyVault } from '../../src/crypto/key-vault.ts'
import type { Api } from '../../src/domain/api.ts'
import type { OrganizationId } from '../../src/domain/id.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { later } from '../../src/domain/time.ts'
import { changeApi, registerApi, showApi } from '../../src/management/apis.ts'
import { rotateDueSigningKeys } from '../../src/management/signing-keys.ts'
import { listSigningKeys } from '../../src/storage/signing-keys.ts'
import { listWantedAlgs } from '../../src/storage/wanted-algs.ts'
import { testKeyEncryptionKey, testKeyRules } from '../support/house.ts'
import {
  accepted,
  audience,
  name,
  newApi,
  newOrganization,
  nothingWritten,
  tracesOf,
  useDesk,
} from './desk.ts'

const { lead } = testKeyRules()

/** A server of its own, where the clock is turned as the story needs it. */
function useServer() {
  const desk = useDesk()
  let count = 0
  return {
    desk,
    api: async (organization: OrganizationId, signingAlg: SigningAlg): Promise<Api> => {
      count += 1
      return accepted(
        await registerApi(desk(), desk().act, {
          organization,
          name: name(`${signingAlg} ${count}`),
          audience: audience(`https://alg-${count}.example.com`),
          signingAlg,
        }),
      )
    },
    change: async ({ organization, id: api }: Api, signingAlg: SigningAlg): Promise<Api> =>
      accepted(await changeApi(desk(), desk().act, { organization, api, signingAlg })),
    /** Rotates what is due; gives the keys made, the one that signs first at the start. */
    ensure: async () => {
      const { db, act } = desk()
      const known = new Set((await listSigningKeys(db.management)).map(({ kid }) => kid))
      const ports = { db, vault: keyVault([testKeyEncryptionKey]), rules: testKeyRules() }
      accepted(await rotateDueSigningKeys(ports, act))
      return (await listSigningKeys(db.management))
        .filter(({ kid }) => !known.has(kid))
        .toSorted((a, b) => (a.signsFrom ?? Infinity) - (b.signsFrom ?? Infinity))
    },
    /** Each algorithm that needs keys, and `now` if its first need not wait. */
    wanted: async () => {
      const algs = await listWantedAlgs(desk().db.management, desk().act.at)
      return algs.map(({ alg, atOnce }) => (atOnce ? `${alg} now` : alg))
    },
    turn: (by: number) => desk().clock.turn(by),
  }
}

const terms = ({ signingAlg, signingAlgBefore }: Api) => [signingAlg, signingAlgBefore]

describe('an API with an algorithm of its own', () => {
  const { desk, api, change, ensure, wanted, turn } = useServer()
  const newTenant = async () => (await newOrganization(desk())).id

  it('is registered, shown and changed with it, and the trail says so', async () => {
    const organization = await newTenant()
    const made = await api(organization, 'RS256')
    expect(terms(made)).toEqual(['RS256', undefined])
    expect(await showApi(desk(), { organization, api: made.id })).toEqual({ ok: true, value: made })
    const { changes, audit } = await tracesOf(desk(), async () => change(made, 'ML-DSA-44'))
    expect(changes).toEqual([`api ${made.audience}`])
    expect(audit).toMatchObject([
      {
        kind: 'api.changed',
        before: { signing_alg: 'RS256' },
        after: { signing_alg: 'ML-DSA-44' },
      },
    ])
    expect(await tracesOf(desk(), async () => change(made, 'ML-DSA-44'))).toEqual(nothingWritten)
    await change(made, 'RS256')
  })

  it('has keys that sign at once, as long as the server never had one', async () => {
    expect(await wanted()).toEqual(['ES256 now', 'RS256 now'])
    const { changes, audit } = await tracesOf(desk(), ensure)
    const keys = await listSigningKeys(desk().db.management)
    expect(keys.map(({ alg, signsFrom }) => [alg, signsFrom])).toEqual(
      expect.arrayContaining([
        ['ES256', desk().act.at],
        ['ES256', undefined],
        ['RS256', desk().act.at],
        ['RS256', undefined],
      ]),
    )
    expect(changes.toSorted()).toEqual(keys.map(({ kid }) => `signing_key ${kid}`).toSorted())
    expect(audit).toHaveLength(4)
    expect(await ensure()).toEqual([])
  })

  it('has a first key that signs at once if it was created with the algorithm', async () => {
    await api(await newTenant(), 'Ed25519')
    expect(await wanted()).toEqual(['ES256 now', 'Ed25519 now', 'RS256 now'])
    const [first, next, ...rest] = await ensure()
    expect([first?.alg, first?.signsFrom]).toEqual(['Ed25519', desk().act.at])
    expect([next?.alg, next?.signsFrom]).toEqual(['Ed25519', undefined])
    expect(rest).toEqual([])
  })

  it('goes on with the algorithm before until a key has been known long enough', async () => {
    const organization = await newTenant()
    const switched = await change(await newApi(desk(), organization), 'ML-DSA-44')
    expect(terms(switched)).toEqual(['ML-DSA-44', 'ES256'])
    expect(await wanted()).toContain('ML-DSA-44')
    const [first] = await ensure()
    expect([first?.alg, first?.signsFrom]).toEqual(['ML-DSA-44', later(desk().act.at, lead)])

    // Another one that comes meanwhile has to wait with it, but not without a token.
    expect(terms(await api(organization, 'ML-DSA-44'))).toEqual(['ML-DSA-44', 'ES256'])
    expect(terms(await change(switched, 'RS256'))).toEqual(['RS256', 'ES256'])
    expect(terms(await change(switched, 'ML-DSA-44'))).toEqual(['ML-DSA-44', 'RS256'])
    turn(lead)
    expect(terms(await api(organization, 'ML-DSA-44'))).toEqual(['ML-DSA-44', undefined])
    expect(terms(await change(switched, 'Ed25519'))).toEqual(['Ed25519', 'ML-DSA-44'])
  })
})

describe('the algorithms that keys are wanted of', () => {
  const { desk, api, change, ensure, wanted, turn } = useServer()

  it('are the default alone, to begin with', async () => {
    expect(await wanted()).toEqual(['ES256 now'])
    await ensure()
    expect(await ensure()).toEqual([])
  })

  it('have to be waited for if one API does, by all that come before there is a key', async () => {
    const { id: organization } = await newOrganization(desk())
    const switched = await change(await newApi(desk(), organization), 'RS256')
    expect(terms(switched)).toEqual(['RS256', 'ES256'])
    expect(terms(await api(organization, 'RS256'))).toEqual(['RS256', 'ES256'])
    expect(await wanted()).toEqual(['ES256 now', 'RS256'])
  })

  it('are those of all APIs, and the one before until the new one signs', async () => {
    const { id: organization } = await newOrganization(desk())
    const made = await api(organization, 'Ed25519')
    await ensure()
    await change(made, 'ML-DSA-44')
    expect(await wanted()).toEqual(['ES256 now', 'Ed25519 now', 'ML-DSA-44', 'RS256'])
    expect(terms(await api(organization, 'ML-DSA-44'))).toEqual(['ML-DSA-44', 'ES256'])
    await ensure()
    turn(lead - 1)
    expect(await wanted()).toContain('Ed25519 now')
    turn(1)
    expect(await wanted()).toEqual(['ES256 now', 'ML-DSA-44', 'RS256'])
  })
})

import { timingSafeEqual } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { Client } from '../../src/domain/client.ts'
import type { ClientSecretCredential } from '../../src/domain/credential.ts'
import type { CredentialId, OrganizationId, ServiceAccountId } from '../../src/domain/id.ts'
import { numericDate } from '../../src/domain/time.ts'
import { rememberedAttempts } from '../../src/memory/attempts.ts'
import type { Work } from '../../src/ports/spans.ts'
import type { Tracing } from '../../src/telemetry/tracing.ts'
import { authenticateClient } from '../../src/token/authenticate-client.ts'
import { testClock } from '../support/clock.ts'
import { failuresMax } from '../support/failures-max.ts'
import { buildDemoHouse } from '../support/fixtures.ts'
import { wrongSecret } from '../support/wrong-secret.ts'
import { addClient, basic, post } from './scene.ts'

const secrets = await openSecrets()

describe('RFC 6749 §10.10', () => {
  it('makes secrets with 256 random bits, of which none repeats [11]', () => {
    const keys = Array.from({ length: 500 }, () => secrets.generate().secret.split('_')[2] ?? '')
    const bits = Math.log2(62) * 43
    expect(bits).toBeGreaterThanOrEqual(256)
    expect(new Set(keys).size).toBe(500)
    // 256 bits do not fill 43 base62 digits to the brim, so the first digit is smaller; each of the
    // others takes every value.
    for (let digit = 1; digit < 43; digit += 1) {
      expect(new Set(keys.map((key) => key[digit])).size).toBeGreaterThan(50)
    }
  })
})

describe('a remembered secret', () => {
  it('is compared in constant time [14]', () => {
    expect(secrets.sameTag).toBe(timingSafeEqual)
  })
})

describe('a client with ten secrets', () => {
  const id = 'sa_01h455vb4pex5vsknk084sn02q' as ServiceAccountId

  it('costs one hash, whichever is claimed and whether it fits [14]', async () => {
    const own = Array.from({ length: 10 }, () => secrets.generate())
    const credentials = await Promise.all(
      own.map(async ({ secret, handle }, index): Promise<ClientSecretCredential> => ({
        kind: 'client_secret',
        id: `crd_${index}` as CredentialId,
        enabled: true,
        expiresAt: undefined,
        handle,
        hash: await secrets.hash(secret),
      })),
    )
    const organization = 'org_1' as OrganizationId
    const client = { id, organization, enabled: true, credentials } as unknown as Client
    const hashesFor = async (secret: string) => {
      let hashes = 0
      const clock = testClock()
      const outcome = await authenticateClient(
        {
          clients: {
            peek: () => client,
            find: async () => client,
            version: () => 0,
            organizationOf: async () => ({
              id: organization,
              enabled: true,
              defaultAudience: undefined,
            }),
          },
          secrets: {
            ...secrets,
            verify: async (hash, text) => {
              hashes += 1
              return secrets.verify(hash, text)
            },
          },
          attempts: rememberedAttempts(secrets, clock, failuresMax),
        },
        { method: 'client_secret_post', client: id, secret },
        { now: numericDate(0), network: '127.0.0.1' },
      )
      return { ok: outcome.ok, hashes }
    }
    for (const { secret } of [own[0], own[4], own[9]].filter((each) => each !== undefined)) {
      expect(await hashesFor(secret)).toEqual({ ok: true, hashes: 1 })
    }
    expect(await hashesFor(secrets.generate().secret)).toEqual({ ok: false, hashes: 1 })
  })
})

describe('a client that does not exist', () => {
  it('causes the same work as a wrong secret [7]', async () => {
    const works: Work[] = []
    const watched = await buildDemoHouse({ tracing: tracingTo(works) })
    const { demo, ci, terraform } = watched
    const known = await addClient(watched, demo.organization)
    const nobody = `${known.id.slice(0, -3)}000`
    const failures = {
      'wrong secret, of a client that is not in memory': [known.id, wrongSecret(known, 1)],
      'wrong secret, of one that is': [known.id, wrongSecret(known, 2)],
      'secret of another client': [known.id, ci.secret],
      'client that does not exist': [nobody, terraform.secret],
      'another one': [`${known.id.slice(0, -3)}001`, terraform.secret],
    } as const
    for (const [what, [id, secret]] of Object.entries(failures)) {
      works.length = 0
      const { status } = await post(watched, { headers: basic({ id, secret }) })
      const work = works.toSorted((a, b) => a.localeCompare(b))
      expect({ what, status, work }).toEqual({
        what,
        status: 401,
        work: ['argon2 verify', 'read client'],
      })
    }
  })
})

/** Notes what is done for requests; everything else is as without tracing. */
function tracingTo(works: Work[]): Tracing {
  return {
    within: async (work, done) => {
      works.push(work)
      return done()
    },
    around: () => (answer) => answer,
    traceId: () => undefined,
    events: { record: () => undefined },
  }
}

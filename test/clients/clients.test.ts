import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runningClock } from '../support/clock.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse } from '../support/fixtures.ts'
import type { Answer, TokenResponse } from './client.ts'
import { methods } from './client.ts'
import { debianClients } from './debian-clients.ts'
import { nodeClients } from './node-clients.ts'
import type { Verdict } from './verifiers.ts'
import { expectedFrom, verifiers } from './verifiers.ts'

/** One issuer at the root of its host, and one with a path, whose metadata is in other places. */
let house: DemoHouse
let houseWithPath: DemoHouse
beforeAll(async () => {
  house = await openDemoHouse({ clock: runningClock() })
  houseWithPath = await openDemoHouse({ clock: runningClock(), issuerPath: '/tokens' })
})
afterAll(async () => {
  await house.close()
  await houseWithPath.close()
})

for (const { name, isInstalled, fetchToken, refusals } of [...nodeClients, ...debianClients]) {
  const absence = isInstalled ? '' : ' (skipped: it is not installed)'

  describe.skipIf(!isInstalled).each(methods)(`${name}${absence}, %s`, (method) => {
    const ask = async (parameters: Readonly<Record<string, string>>): Promise<Answer> =>
      fetchToken({ issuer: house.issuer, client: house.terraform, method, parameters })

    it('gets all that the account holds, in a token that every verifier accepts', async () => {
      const response = granted(await ask({}))
      expect(response).toMatchObject({
        token_type: expect.stringMatching(/^bearer$/i),
        expires_in: 900,
        scope: 'deployments:read deployments:write',
      })
      for (const verdict of await verdicts(house, response)) {
        expect(verdict).toMatchObject({
          claims: { sub: house.terraform.id, roles: ['deployer'], scope: response.scope },
        })
      }
    })

    it('finds an issuer that has a path', async () => {
      const { issuer, terraform: client } = houseWithPath
      const response = granted(await fetchToken({ issuer, client, method, parameters: {} }))
      for (const verdict of await verdicts(houseWithPath, response)) {
        expect(verdict).toMatchObject({ claims: { sub: client.id, iss: issuer } })
      }
    })

    it('gets less when it asks for less', async () => {
      const response = granted(await ask({ scope: 'deployments:read' }))
      expect(response.scope).toBe('deployments:read')
      expect(response).not.toHaveProperty('authorization_details')
    })

    it('gets one role on one resource when it asks for that', async () => {
      const detail = { type: 'role', role: 'node-restarter', resource: 'cluster/prod-eu' }
      const response = granted(await ask({ authorization_details: JSON.stringify([detail]) }))
      expect(response.authorization_details).toEqual([
        { ...detail, permissions: ['nodes:restart'] },
      ])
      expect(response).not.toHaveProperty('scope')
    })

    it('asks at a resource, and is told when that is not one of its own', async () => {
      const response = granted(await ask({ resource: house.demo.audience }))
      expect(response.scope).toBe('deployments:read deployments:write')
      const refusal = await ask({ resource: 'https://elsewhere.example.com' })
      expect(refusal).toEqual({ refused: { type: refusals.request, error: 'invalid_target' } })
    })

    it('tells a wrong secret in its own words', async () => {
      // Two accounts take turns, so that neither is limited for its failures.
      const [account, other] =
        method === 'client_secret_basic' ? [house.terraform, house.ci] : [house.ci, house.terraform]
      const client = { id: account.id, secret: other.secret }
      const refusal = await fetchToken({ issuer: house.issuer, client, method, parameters: {} })
      expect(refusal).toEqual({ refused: { type: refusals[method], error: 'invalid_client' } })
    })
  })
}

function granted(answer: Answer): TokenResponse {
  if ('refused' in answer) throw new Error(`refused: ${JSON.stringify(answer.refused)}`)
  return answer.response
}

/** What each verifier at hand makes of a token. */
async function verdicts(
  of: DemoHouse,
  { access_token: token }: TokenResponse,
): Promise<readonly Verdict[]> {
  const installed = verifiers.filter((verifier) => verifier.isInstalled)
  return Promise.all(installed.map(({ verify }) => verify(token, expectedFrom(of))))
}

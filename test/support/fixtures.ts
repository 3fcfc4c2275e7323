import { decodeJwt } from 'jose'
import { onTestFinished } from 'vitest'
import type { Demo } from '../../src/cli/demo.ts'
import { demoSecret, seedDemo } from '../../src/cli/demo.ts'
import type { ServiceAccountId } from '../../src/domain/id.ts'
import type { ClientSecret } from '../../src/domain/secret.ts'
import type { GroupPlace } from '../../src/management/groups.ts'
import { addGroupMember, listGroups } from '../../src/management/groups.ts'
import type { TestHouse } from './house.ts'
import { openTestHouse } from './house.ts'

/** A house with the demo organization in it, and a secret for each of its two accounts. */
export type DemoHouse = TestHouse & {
  readonly demo: Demo
  readonly terraform: TestClient
  readonly ci: TestClient
}

export type TestClient = { readonly id: ServiceAccountId; readonly secret: ClientSecret }

export async function openDemoHouse(
  wishes: Parameters<typeof openTestHouse>[0] = {},
): Promise<DemoHouse> {
  const test = await openTestHouse(wishes)
  const ports = test.house.management
  const demo = await seedDemo(ports, test.act())
  const client = async ({ id }: Demo['ci']): Promise<TestClient> => {
    const input = { organization: demo.organization, account: id, name: 'test' }
    return { id, secret: await demoSecret(ports, test.act(), input) }
  }
  const [terraform, ci] = [await client(demo.terraform), await client(demo.ci)]
  await test.caughtUp()
  return { ...test, demo, terraform, ci }
}

/** Opens a demo house for one test and closes it after that test. */
export async function buildDemoHouse(
  wishes: Parameters<typeof openTestHouse>[0] = {},
): Promise<DemoHouse> {
  const built = await openDemoHouse(wishes)
  onTestFinished(built.close)
  return built
}

/** Puts a client into the group of the demo; returns where the group is. */
export async function joinPlatform(
  { house, act, demo: { organization }, caughtUp }: DemoHouse,
  { id: principal }: TestClient,
): Promise<GroupPlace> {
  const { items } = await listGroups(house.management, organization)
  const group = items.find(({ name }) => name === 'platform')
  if (group === undefined) throw new Error('the demo has no group "platform"')
  const place = { organization, group: group.id }
  await addGroupMember(house.management, act(), { ...place, principal })
  await caughtUp()
  return place
}

/** Asks for a token with `client_secret_basic`. `parameters` go into the body. */
export async function requestToken(
  { issuer }: Pick<TestHouse, 'issuer'>,
  client: { readonly id: string; readonly secret: string },
  parameters: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const credentials = Buffer.from(`${client.id}:${client.secret}`).toString('base64')
  return fetch(`${issuer}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...parameters }),
  })
}

/** The token asked for with `requestToken`; fails if there is none. */
export async function fetchToken(
  house: Pick<TestHouse, 'issuer'>,
  client: Parameters<typeof requestToken>[1],
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await requestToken(house, client, parameters)
  const body = (await response.json()) as { access_token?: string }
  if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`)
  return body.access_token
}

/** The claims of a token asked for with `requestToken`; fails if there is none. */
export async function tokenClaims(
  ...asked: Parameters<typeof fetchToken>
): Promise<Record<string, unknown>> {
  return decodeJwt(await fetchToken(...asked))
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOrganization } from '../../src/management/organizations.ts'
import type { ApiRoute } from '../../src/http/api/route.ts'
import { apiRoutes } from '../../src/http/api/routes.ts'
import { accepted, name } from '../management/desk.ts'
import { openTestHouse } from '../support/house.ts'
import type { Answer } from './answers.ts'
import { secretOfOurs } from './answers.ts'
import type { Caller } from './call.ts'
import { call, json } from './call.ts'
import { samples } from './samples.ts'
import type { Stage } from './stage.ts'
import { stageOf } from './stage.ts'
import { addMember, addOperator, worldOf } from './world.ts'

/** What is made once by its nature, so that a key would add nothing, and why. */
const onceAnyway: Readonly<Record<string, string>> = {
  setUp: 'the link is used up',
  acceptInvitation: 'the link is used up',
  signIn: 'a session is its cookie, which is shown once',
  beginTotp: 'the second one replaces the first',
}

const creating = apiRoutes.filter(({ method, status }) => method === 'post' && status === 201)
const replayable = creating.filter((route) => route.replayable)

let stage: Stage
let owner: Caller
let operator: Caller
beforeAll(async () => {
  const world = await worldOf(await openTestHouse())
  stage = await stageOf(world)
  owner = (await addMember(world, stage.organization, 'owner')).session
  const desk = world.desk()
  const other = accepted(await createOrganization(desk, desk.act, { name: name('operators') }))
  operator = (await addOperator(world, other.id)).session
})
afterAll(async () => stage.world.close())

/** Twenty, where one route stands for all: idempotency.test.ts. */
const timesAtOnce = 4

describe('what a route makes', () => {
  it('is one thing for one key, everywhere but where it could not be two', () => {
    const without = creating.filter((route) => !route.replayable)
    const explained = Object.keys(onceAnyway).toSorted()
    expect(without.map(({ operationId }) => operationId).toSorted()).toEqual(explained)
  })

  it.each(replayable)('is one thing for one key: $operationId', async (route) => {
    const answers = await atOnce(route)
    expect(answers.map(({ status, text }) => (status === 201 ? 201 : text))).toEqual(
      answers.map(() => 201),
    )
    const [made, ...others] = answers.filter(({ headers }) => !headers.has('idempotency-replayed'))
    const replays = answers.filter(({ headers }) => headers.has('idempotency-replayed'))
    if (made === undefined) throw new Error('nobody was told that it was made')
    expect([others.length, replays.length]).toEqual([0, timesAtOnce - 1])
    expect(new Set(replays.map(told))).toEqual(new Set([told(made)]))
    expect(replays.filter(({ text }) => secretOfOurs.test(text))).toEqual([])
    const [location, ...elsewhere] = new Set(answers.map(({ headers }) => headers.get('location')))
    expect(elsewhere).toEqual([])
    // What has no place of its own promises none: openapi.test.ts.
    expect(location === null).toBe(route.operationId === 'createRecoveryLink')
  })
})

const done = apiRoutes.filter((route) => route.method === 'post' && !route.replayable)

describe('what is not remembered by a key', () => {
  it.each(done)('is not done with one: $operationId', async (route) => {
    const [answer] = await atOnce(route, 1)
    if (answer === undefined) throw new Error('nobody answered')
    const { code, places } = json(answer)
    const problem = 'is not taken here: asking again would do it again'
    expect([answer.status, code, places]).toEqual([
      400,
      'request_malformed',
      [{ in: 'header', at: 'Idempotency-Key', problem }],
    ])
  })
})

/** The same call many times at once, by whoever may do it. */
async function atOnce(route: ApiRoute, times = timesAtOnce): Promise<readonly Answer[]> {
  const person = route.needs === 'operator' ? operator : owner
  const who = { who: 'the maker', caller: person, proof: 'session', place: 'here' } as const
  const { params = {}, body } = (await samples[route.operationId]?.(stage, who)) ?? {}
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, each: string) => params[each] ?? each)
  const headers = { 'idempotency-key': route.operationId }
  const send = async () => call(stage.world, person, { method: 'POST', path, body, headers })
  return Promise.all(Array.from({ length: times }, send))
}

/** What only the answer that makes a thing tells, and no replay of it. */
const once = new Set(['client_secret', 'client_secret_expires_at', 'link'])

/** All else that an answer tells. */
function told(answer: Answer): string {
  const members = Object.entries<unknown>(json(answer))
  return JSON.stringify(members.filter(([member]) => !once.has(member)))
}

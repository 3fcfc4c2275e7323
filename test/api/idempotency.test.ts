import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiRoutes } from '../../src/http/api/routes.ts'
import { openTestHouse } from '../support/house.ts'
import type { Answer } from './answers.ts'
import { call, json } from './call.ts'
import type { Person } from './cast.ts'
import type { Stage } from './stage.ts'
import { samples } from './samples.ts'
import { stageOf } from './stage.ts'
import { addMember, addOperator, worldOf } from './world.ts'

const atOnce = 20

let stage: Stage
let owner: Person
let operator: Person
beforeAll(async () => {
  const world = await worldOf(await openTestHouse())
  stage = await stageOf(world)
  const { session: caller } = await addMember(world, stage.organization, 'owner')
  owner = { who: 'owner', caller, proof: 'session', place: 'here', role: 'owner' }
  const signedIn = await addOperator(world, stage.organization)
  operator = { who: 'operator', caller: signedIn.session, proof: 'session', place: 'operator' }
})
afterAll(async () => stage.world.close())

const creations = apiRoutes.filter(({ replayable }) => replayable)

/** A creation as it is asked for, again and again. */
async function asking(operationId: string, key: string) {
  const route = creations.find((one) => one.operationId === operationId)
  const person = route?.needs === 'operator' ? operator : owner
  const sample = await samples[operationId]?.(stage, person)
  if (route === undefined || sample === undefined) throw new Error(`no ${operationId}`)
  const params = { ...stage.ids, ...sample.params }
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? name)
  const headers = { 'idempotency-key': key }
  return {
    path,
    ask: async (body: unknown = sample.body) =>
      call(stage.world, person.caller, { method: 'POST', path, body, headers }),
    body: sample.body,
  }
}

/** Another body that the same creation takes. */
function another(body: unknown): object {
  const members = (body ?? {}) as Readonly<Record<string, unknown>>
  if ('name' in members) return { ...members, name: 'Another' }
  if ('email' in members) return { ...members, email: 'another@example.com' }
  if ('audience' in members) return { ...members, audience: 'https://another.example.com' }
  if ('role_id' in members) return { ...members, expires_at: '2099-01-01T00:00:00Z' }
  return { ...members, description: 'another' }
}

function isReplay({ headers }: Answer): boolean {
  return headers.get('idempotency-replayed') === 'true'
}

const secretForm = /(?:csk|cln|css)_[0-9A-Za-z]/

describe('the same creation with one Idempotency-Key', () => {
  for (const { operationId } of creations) {
    it(`is done once of ${atOnce} times at once, and its secret told once: ${operationId} [166]`, async () => {
      const { ask } = await asking(operationId, `once-${operationId}`)
      const answers = await Promise.all(Array.from({ length: atOnce }, async () => ask()))
      expect(new Set(answers.map(({ status, text }) => (status === 201 ? 201 : text)))).toEqual(
        new Set([201]),
      )
      expect(new Set(answers.map((answer) => json(answer).id)).size).toBe(1)
      expect(answers.filter((answer) => !isReplay(answer))).toHaveLength(1)
      const telling = answers.filter(({ text }) => secretForm.test(text))
      expect(telling.filter(isReplay)).toEqual([])
    })

    // It takes no body, so there is no other.
    if (operationId === 'createRecoveryLink') continue
    it(`is refused with another body: ${operationId}`, async () => {
      const { ask, body } = await asking(operationId, `other-${operationId}`)
      expect((await ask()).status).toBe(201)
      const other = await ask(another(body))
      expect([other.status, json(other).code]).toEqual([422, 'idempotency_key_reused'])
    })
  }

  it('is done for each who asks: the key of one is not the key of another', async () => {
    const { session: caller } = await addMember(stage.world, stage.organization, 'owner')
    const path = `/organizations/${stage.organization}/groups`
    const headers = { 'idempotency-key': 'mine' }
    const first = { method: 'POST', path, headers, body: { name: 'Group of one' } }
    const second = { method: 'POST', path, headers, body: { name: 'Group of another' } }
    expect((await call(stage.world, owner.caller, first)).status).toBe(201)
    expect((await call(stage.world, caller, second)).status).toBe(201)
  })
})

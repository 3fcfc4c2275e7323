import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiRoute } from '../../src/http/api/route.ts'
import { apiRoutes } from '../../src/http/api/routes.ts'
import { openTestHouse } from '../support/house.ts'
import type { Answer } from './answers.ts'
import type { Caller } from './call.ts'
import { call } from './call.ts'
import type { Person } from './cast.ts'
import type { Stage } from './stage.ts'
import type { Sample } from './samples.ts'
import { samples } from './samples.ts'
import { stageOf } from './stage.ts'
import { addMachine, addMember, worldOf } from './world.ts'

let ours: Stage
let theirs: Stage
let owners: readonly Person[]
beforeAll(async () => {
  const world = await worldOf(await openTestHouse())
  ours = await stageOf(world)
  theirs = await stageOf(world)
  const [member, machine] = [
    await addMember(world, ours.organization, 'owner'),
    await addMachine(world, ours.organization, 'owner'),
  ]
  const held = { place: 'here', role: 'owner' } as const
  owners = [
    { who: 'a member', caller: member.session, proof: 'session', ...held },
    { who: 'a service account', caller: await machine.token(), proof: 'token', ...held },
  ]
})
afterAll(async () => ours.world.close())

/** An id of the same kind that was never given to anything. */
function absent(id: string): string {
  return `${id.slice(0, id.indexOf('_') + 1)}${'0'.repeat(26)}`
}

/** An answer without what no two answers share, and without the id that was asked for. */
function comparable({ status, headers, text }: Answer, id: string) {
  const all = [...headers].filter(([name]) => name !== 'trace-id' && name !== 'date')
  const plain = text.replaceAll(/"trace_id":"\w+"/g, '"trace_id":""').replaceAll(id, 'ID')
  return { status, headers: Object.fromEntries(all), text: plain }
}

async function answerWith(
  route: ApiRoute,
  { caller, sample }: { readonly caller: Caller; readonly sample: Sample },
  { name, id }: { readonly name: string; readonly id: string },
) {
  const params = { ...sample.params, ...(route.path.includes(`{${name}}`) ? { [name]: id } : {}) }
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, each: string) => params[each] ?? each)
  const body = withId(sample.body, name, id)
  const method = route.method.toUpperCase()
  const request = { method, path: `${path}${sample.query ?? ''}`, body }
  return comparable(await call(ours.world, caller, request), id)
}

/** A body that names another id, if it names one of that kind at all. */
function withId(body: unknown, name: string, id: string): unknown {
  if (typeof body !== 'object' || body === null || !(name in body)) return body
  const before = (body as Record<string, unknown>)[name]
  return { ...body, [name]: Array.isArray(before) ? [id] : id }
}

const inOrganizations = apiRoutes.filter(({ path }) => path.includes('{organization_id}'))

describe('what belongs to another organization', () => {
  for (const route of inOrganizations) {
    it(`is as if it were not there: ${route.operationId}`, async () => {
      for (const person of owners) {
        for (const name of route.parameters) {
          const id = theirs.ids[name]
          if (id === undefined) throw new Error(`nothing of theirs is called ${name}`)
          const sample = await samples[route.operationId]?.(ours, person)
          if (sample === undefined) throw new Error('this route has no sample to be called with')
          const asking = { caller: person.caller, sample }
          const foreign = await answerWith(route, asking, { name, id })
          expect(foreign).toEqual(await answerWith(route, asking, { name, id: absent(id) }))
          expect(foreign.status).toBeGreaterThanOrEqual(400)
        }
      }
    })
  }
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtInRoles, permissionFor } from '../../src/domain/management-permission.ts'
import type { ManagementPermission } from '../../src/domain/management-permission.ts'
import type { ApiRoute } from '../../src/http/api/route.ts'
import { apiRoutes } from '../../src/http/api/routes.ts'
import { openTestHouse } from '../support/house.ts'
import type { Answer } from './answers.ts'
import { call, json } from './call.ts'
import type { Person } from './cast.ts'
import { castOf } from './cast.ts'
import type { Stage } from './stage.ts'
import type { Sample } from './samples.ts'
import { samples } from './samples.ts'
import { stageOf } from './stage.ts'
import { worldOf } from './world.ts'

let stage: Stage
let cast: readonly Person[]
beforeAll(async () => {
  const world = await worldOf(await openTestHouse())
  stage = await stageOf(world)
  cast = await castOf(world, stage.organization)
})
afterAll(async () => stage.world.close())

/** What a file may hold, an application key, is never enough to make new ways of coming in. */
const neverByApplicationKey = new Set([
  'createCredential',
  'changeCredential',
  'replaceCredential',
  'createInvitation',
])

/** What operators may do in an organization that has an Owner, whatever they hold there. */
const byOperators = new Set(['showOrganization', 'createRecoveryLink'])

type Verdict = 'done' | 401 | 403 | 404

function verdict(route: ApiRoute, person: Person): Verdict {
  if (route.needs === 'nobody') return 'done'
  if (person.proof === 'none') return 401
  if (route.parameters.includes('organization_id') && person.place === 'elsewhere') return 404
  const { needs, operationId } = route
  return needs === 'permission'
    ? byPermission(route, person)
    : byProof({ needs, operationId }, person)
}

type Proven = {
  readonly needs: 'operator' | 'session' | 'authenticated'
  readonly operationId: string
}

function byProof({ needs, operationId }: Proven, { place, proof, isOperator = false }: Person) {
  if (place === 'operator' && operationId === 'createApplicationKey') return 404
  if (needs === 'operator') return place === 'operator' || isOperator ? 'done' : 403
  return needs === 'session' && proof !== 'session' ? 403 : 'done'
}

function byPermission(
  { operation, operationId }: ApiRoute,
  { proof, place, role, isOperator = false }: Person,
) {
  if ((place === 'operator' || isOperator) && byOperators.has(operationId)) return 'done'
  const held: readonly ManagementPermission[] =
    role === undefined ? [] : builtInRoles[role].permissions
  if (operation === undefined || !held.includes(permissionFor[operation])) return 403
  return takesSession(operationId, proof) ? 403 : 'done'
}

/** To become a person always takes a person. */
function takesSession(operationId: string, proof: Person['proof']): boolean {
  if (operationId === 'createRecoveryLink') return proof !== 'session'
  return proof === 'application key' && neverByApplicationKey.has(operationId)
}

/** The operations that somebody has been seen to have done. */
const done = new Set<string>()

describe('a route of the management API, called by everybody there is', () => {
  for (const route of apiRoutes) {
    it(`answers each as the table of permissions says: ${route.operationId} [171]`, async () => {
      const make = samples[route.operationId]
      if (make === undefined) throw new Error('this route has no sample to be called with')
      // What is refused uses nothing up, so one does for all who are refused.
      const forOthers = await make(stage)
      const cellOf = async (person: Person) => {
        const isDone = verdict(route, person) === 'done'
        return tried(route, person, isDone ? await make(stage, person) : forOthers)
      }
      const cells = await all(route, cellOf)
      const [stated, seen] = [cells.map((cell) => cell.stated), cells.map((cell) => cell.seen)]
      expect(seen).toEqual(stated)
    })
  }

  it('is done for somebody, each of them [171]', () => {
    const never = apiRoutes.filter(({ operationId }) => !done.has(operationId))
    expect(never.map(({ operationId }) => operationId)).toEqual([])
  })
})

describe('a permission of the table', () => {
  it('is asked for by a route, for every operation that it allows', () => {
    const routed = new Set<string | undefined>(apiRoutes.map(({ operation }) => operation))
    const operations = Object.keys(permissionFor)
    expect(operations.filter((operation) => !routed.has(operation))).toEqual([])
  })
})

/** A call waits for the database, mostly; but whoever comes in first finds a server without operators. */
async function all<Cell>({ needs }: ApiRoute, cellOf: (person: Person) => Promise<Cell>) {
  if (needs !== 'nobody') return Promise.all(cast.map(cellOf))
  const cells: Cell[] = []
  for (const person of cast) cells.push(await cellOf(person))
  return cells
}

/** One cell of the table: what it states, and how the call was answered. */
async function tried(route: ApiRoute, person: Person, sample: Sample) {
  const { params = {}, query = '', body, headers = {}, caller = person.caller, refused } = sample
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? name)
  const method = route.method.toUpperCase()
  const request = { method, path: `${path}${query}`, body, headers }
  const answer = await call(stage.world, caller, request)
  await sample.after?.()
  if (answer.status < 300) done.add(route.operationId)
  const wanted = verdict(route, person)
  const cell = (stated: string, seen: string) => ({
    stated: `${person.who}: ${stated}`,
    seen: `${person.who}: ${seen}`,
  })
  if (wanted === 'done' && refused !== undefined) return cell(refused, String(json(answer).code))
  const expected = wanted === 'done' ? route.status : wanted
  return cell(String(expected), noted(answer, expected))
}

/** The status of an answer, with what it says if it is not the one that was stated. */
function noted({ status, text }: Answer, expected: number): string {
  return status === expected ? String(status) : `${status} ${text}`
}

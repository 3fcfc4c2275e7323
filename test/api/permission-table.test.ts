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
  'createRecoveryLink',
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
  return proof === 'application key' && neverByApplicationKey.has(operationId) ? 403 : 'done'
}

describe('a route of the management API, called by everybody there is', () => {
  for (const route of apiRoutes) {
    it(`answers each as the table of permissions says: ${route.operationId} [171]`, async () => {
      const sample = samples[route.operationId]
      if (sample === undefined) throw new Error('this route has no sample to be called with')
      const stated: string[] = []
      const seen: string[] = []
      for (const person of cast) {
        const cell = await tried(route, person, await sample(stage, person))
        stated.push(`${person.who}: ${cell.stated}`)
        seen.push(`${person.who}: ${cell.seen}`)
      }
      expect(seen).toEqual(stated)
    })
  }
})

/** One cell of the table: what it states, and how the call was answered. */
async function tried(route: ApiRoute, person: Person, sample: Sample) {
  const { params = {}, query = '', body, headers = {}, caller = person.caller, refused } = sample
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? name)
  const method = route.method.toUpperCase()
  const request = { method, path: `${path}${query}`, body, headers }
  const answer = await call(stage.world, caller, request)
  const wanted = verdict(route, person)
  if (wanted === 'done' && refused !== undefined) {
    return { stated: refused, seen: String(json(answer).code) }
  }
  const expected = wanted === 'done' ? route.status : wanted
  return { stated: String(expected), seen: noted(answer, expected) }
}

/** The status of an answer, with what it says if it is not the one that was stated. */
function noted({ status, text }: Answer, expected: number): string {
  return status === expected ? String(status) : `${status} ${text}`
}

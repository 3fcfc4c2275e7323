import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/time.ts'
import type { Chance } from '../fuzz/chance.ts'
import { chance } from '../fuzz/chance.ts'
import { newOrganization } from '../management/desk.ts'
import { onPostgres } from '../support/database.ts'
import { openTestHouse } from '../support/house.ts'
import { complaints } from './answers.ts'
import type { Caller } from './call.ts'
import { callInside, json, nobody } from './call.ts'
import type { Guesser } from './guesses.ts'
import { guesser } from './guesses.ts'
import type { ApiDocument } from './schema.ts'
import { operationsOf } from './schema.ts'
import { stageOf } from './stage.ts'
import type { World } from './world.ts'
import { addMachine, addMember, addOperator, worldOf } from './world.ts'

/** PostgreSQL answers sooner than the embedded database, which is the same inside. */
const count = Number(process.env['FUZZ_COUNT'] ?? (onPostgres ? 4000 : 2000))
const seed = Number(process.env['FUZZ_SEED'] ?? 1)
/** Calls disable organizations and remove what is in them: so often another is brought in. */
const stageEvery = 1000
/** Calls end sessions and remove members: so often others take their places. */
const signInEvery = 100
/** By then most operations have succeeded, with any seed: a run in which few do would say little. */
const [doneWithin, neverDoneMax] = [4000, 20]

let world: World
let document: ApiDocument
beforeAll(async () => {
  world = await worldOf(await openTestHouse())
  document = json(await callInside(world, nobody, { method: 'GET', path: '/openapi.json' }))
})
afterAll(async () => world.close())

describe(`${count} calls of the management API from seed ${seed}`, () => {
  it(
    'are each answered as its document says',
    async () => {
      const complain = complaints(document)
      const offenders: object[] = []
      const done = new Set<string>()
      let scene: Scene | undefined
      for (let number = 0; number < count; number += 1) {
        if (scene === undefined || number % stageEvery === 0) scene = await newScene()
        if (number % signInEvery === 0) scene.people = await newPeople(scene)
        // Each has a seed of its own, so that a smaller count finds the same until then.
        const random = chance(seed * 1_000_003 + number)
        const { place, request } = scene.guess(random)
        const [who, caller] = somebody(scene, random)
        const answer = await callInside(world, caller, request)
        const complaint = complain(place, answer)
        if (complaint === undefined) scene.learn(answer.text)
        else offenders.push({ number, who, operation: place.operationId, request, complaint })
        if (answer.status < 300) done.add(place.operationId)
      }
      expect(offenders).toEqual([])
      expect(world.events.filter(({ kind }) => kind === 'request_failed')).toEqual([])
      const never = count >= doneWithin ? neverDone(done) : []
      expect(never.length).toBeLessThan(neverDoneMax)
    },
    milliseconds(60_000 + count * 40),
  )
})

type Organization = Parameters<typeof addMember>[1]
type Callers = Readonly<Record<string, Caller>>
type Scene = Guesser & {
  readonly organization: Organization
  readonly elsewhere: Organization
  readonly machines: Callers
  people: Callers
}

/** An organization with one of everything in it, and machines that work there. */
async function newScene(): Promise<Scene> {
  const { organization, ids } = await stageOf(world)
  const elsewhere = (await newOrganization(world.desk())).id
  const [viewer, owner] = [
    await addMachine(world, organization, 'viewer'),
    await addMachine(world, organization, 'owner'),
  ]
  const machines = {
    'a Viewer, by token': await viewer.token(),
    'an Owner, by token': await owner.token(),
  }
  const there = Object.entries(ids).map(([name, id]) => [name, [id]] as const)
  const first = { ...Object.fromEntries(there), audience: ownAudiences(organization) }
  return { organization, elsewhere, machines, people: {}, ...guesser(document, first) }
}

/** Audiences that an organization may take without anybody's approval. */
function ownAudiences(organization: Organization): readonly string[] {
  return Array.from({ length: 8 }, (_, each) => `${world.issuer}/o/${organization}/${each}`)
}

async function newPeople({ organization, elsewhere }: Scene): Promise<Callers> {
  return {
    owner: (await addMember(world, organization, 'owner')).session,
    operator: (await addOperator(world, elsewhere)).session,
    'member manager': (await addMember(world, organization, 'memberManager')).session,
    'an Owner of another organization': (await addMember(world, elsewhere, 'owner')).session,
    nobody,
  }
}

/** Whoever may do most is asked for most often. */
function somebody({ people, machines }: Scene, random: Chance): readonly [string, Caller] {
  const chosen = random.below(10)
  if (chosen < 5) return ['owner', people['owner'] ?? nobody]
  if (chosen < 7) return ['operator', people['operator'] ?? nobody]
  const all = Object.entries({ ...people, ...machines })
  return all[random.below(all.length)] ?? ['nobody', nobody]
}

/** What takes a secret, or the id of a key, that is not to be guessed. */
const takesSecret = new Set([
  'setUp',
  'signIn',
  'changePassword',
  'confirmTotp',
  'removeTotp',
  'acceptInvitation',
  'lookAtInvitation',
  'lookAtRecoveryLink',
  'lookAtSetupLink',
  'recover',
  'revokeSigningKey',
])

/** The operations that no call had done: of them the run says little. */
function neverDone(done: ReadonlySet<string>): readonly string[] {
  return operationsOf(document)
    .map(({ operationId }) => operationId)
    .filter((operation) => !takesSecret.has(operation) && !done.has(operation))
}

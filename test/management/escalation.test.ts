import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../../src/domain/audit.ts'
import type { Phc } from '../../src/domain/credential.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { onPostgres } from '../support/database.ts'
import type { Desk } from './desk.ts'
import { permission, useDesk } from './desk.ts'
import type { Rows } from './escalation/holdings.ts'
import { textOf } from './escalation/holdings.ts'
import { Ledger, wrongsOf } from './escalation/property.ts'
import type { Step } from './escalation/steps.ts'
import { calls, NothingThere, steps } from './escalation/steps.ts'
import type { Tenant } from './escalation/world.ts'
import { byKey, bySession, byToken, newTenant } from './escalation/world.ts'

/** Calls that chance makes: 10,000 in a run on both databases, most where a call costs less. */
const stepsMin = onPostgres ? 9_500 : 500
const stepsOfStoryMax = 400
const secondsPerStep = 1_200
/** A wrong story is made shorter for as long as this. */
const shrinkingMilliseconds = 120_000

const desk = useDesk()

/** Whoever may act in an organization: its people, its accounts, those made meanwhile, and a stranger. */
function actorsIn(
  { organization, who, key }: Tenant,
  rows: Rows,
  stranger: Tenant,
): readonly Actor[] {
  const { machine, robot, ending, ...members } = who
  const session = (id: typeof who.owner) => bySession(desk(), organization, id)
  const narrowed = ['bindings:manage', 'credentials:manage', 'groups:manage', 'roles:manage']
  return [
    ...Object.values(members).map(session),
    byKey(organization, who.owner, key),
    byToken(organization, machine),
    byToken(organization, machine, narrowed.map(permission)),
    byToken(organization, robot),
    byToken(organization, ending),
    bySession(desk(), stranger.organization, stranger.who.owner),
    ...rows.accounts.slice(-4).map((id) => byToken(organization, id)),
  ]
}

async function wrongsOfStory(
  tenant: Tenant,
  stranger: Tenant,
  story: readonly Step[],
): Promise<{ readonly wrongs: readonly string[]; readonly accepted: number }> {
  const { organization } = tenant
  const begun = desk().act.at
  const foreign = await textOf(desk(), stranger.organization)
  let rows: Rows = JSON.parse(await textOf(desk(), organization))
  const ledger = new Ledger(rows, begun)
  let accepted = 0
  for (const [index, step] of story.entries()) {
    const at = later(begun, seconds(index * secondsPerStep))
    const actors = actorsIn(tenant, rows, stranger)
    const actor = actors[step.actor % actors.length]
    if (actor === undefined) throw new Error('nobody acts')
    const scene = {
      desk: cheap(),
      act: { ...desk().act, actor, at },
      organization,
      rows,
      step,
      begun,
    }
    if (!(await isAccepted(async () => calls[step.call].make(scene)))) continue
    accepted += 1
    const after: Rows = JSON.parse(await textOf(desk(), organization))
    const taken = { actor, step, before: rows, after, now: at }
    const wrongs = [...wrongsOf(taken), ...ledger.enter(taken)]
    if (wrongs.length > 0) return { wrongs: wrongs.map((one) => `${actor.id} ${one}`), accepted }
    rows = after
  }
  const wrongs = (await textOf(desk(), stranger.organization)) === foreign ? [] : ['went abroad']
  return { wrongs, accepted }
}

/** A secret is not what this is about: one hash does for all. */
function cheap(): Desk {
  return { ...desk(), secrets: { ...desk().secrets, hash: oneHash } }
}

async function oneHash(): Promise<Phc> {
  return '$argon2id$v=19$m=1024,t=1,p=1$c2FsdA$aGFzaA' as Phc
}

async function isAccepted(call: () => Promise<{ readonly ok: boolean }>): Promise<boolean> {
  try {
    return (await call()).ok
  } catch (error) {
    if (error instanceof NothingThere) return false
    throw error
  }
}

describe('whatever is called, by whomever, in whatever order', () => {
  it('nobody comes to hold, reach or take more than who did it held, and an Owner stays [168]', async () => {
    const told = { steps: 0, accepted: 0 }
    const stranger = await newTenant(desk())
    while (told.steps < stepsMin) {
      await fc.assert(
        fc.asyncProperty(
          fc.array(steps, { maxLength: stepsOfStoryMax, size: 'max' }),
          async (story) => {
            told.steps += story.length
            const tenant = await newTenant(desk())
            const { wrongs, accepted } = await wrongsOfStory(tenant, stranger, story)
            told.accepted += accepted
            expect(wrongs).toEqual([])
          },
        ),
        { numRuns: 1, interruptAfterTimeLimit: shrinkingMilliseconds },
      )
    }
    // A story in which everything is refused shows nothing.
    expect(told.accepted).toBeGreaterThan(stepsMin / 10)
  }, 900_000)
})

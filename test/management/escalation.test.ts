import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../../src/domain/audit.ts'
import type { Phc } from '../../src/domain/credential.ts'
import type { OrganizationId, ServiceAccountId } from '../../src/domain/id.ts'
import { parseId } from '../../src/domain/id.ts'
import type { Permission } from '../../src/domain/permission.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { onPostgres } from '../support/database.ts'
import type { Desk } from './desk.ts'
import { permission, useDesk } from './desk.ts'
import type { Rows } from './escalation/holdings.ts'
import { partsOf, rowsOf, textOf } from './escalation/holdings.ts'
import { Ledger, wrongsOf } from './escalation/property.ts'
import { whoseWord } from './escalation/people-calls.ts'
import type { Scene } from './escalation/scene.ts'
import { NothingThere } from './escalation/scene.ts'
import type { Step } from './escalation/steps.ts'
import { calls, steps } from './escalation/steps.ts'
import type { Tenant } from './escalation/world.ts'
import { byKey, bySession, byToken, newTenant } from './escalation/world.ts'

/** Calls that chance makes: 10,000 in a run on both databases, most where a call costs less. */
const stepsMin = onPostgres ? 9_700 : 300
const stepsOfStoryMax = 400
const secondsPerStep = 1_200
/** All that there is is read after so many accepted calls; between them only what a call touches. */
const acceptedBetweenChecks = 20
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
  const byAnyToken = (id: ServiceAccountId, scope?: readonly Permission[]) => {
    const usable = rows.credentials.find((one) => one.principal === id && !one.disabled)
    return usable === undefined ? [] : [byToken(organization, id, usable.id, scope)]
  }
  const session = (id: typeof who.owner) => bySession(desk(), organization, id)
  const narrowed = ['bindings:manage', 'credentials:manage', 'groups:manage', 'roles:manage']
  return [
    ...Object.values(members).map(session),
    // Operators: in an organization that has an Owner they may nothing of this.
    bySession(desk(), organization, who.viewer, true),
    bySession(desk(), organization, who.manager, true),
    byKey(organization, who.owner, key),
    ...byAnyToken(machine),
    ...byAnyToken(machine, narrowed.map(permission)),
    ...byAnyToken(robot),
    ...byAnyToken(ending),
    bySession(desk(), stranger.organization, stranger.who.owner),
    ...rows.accounts.slice(-4).flatMap((id) => byAnyToken(id)),
    ...rows.principals
      .flatMap(({ id }) => parseId('member', id) ?? [])
      .slice(-3)
      .map(session),
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
  let rows = await rowsOf(desk(), organization)
  const ledger = new Ledger(rows, begun)
  const links: Scene['links'] = new Map()
  let accepted = 0
  for (const [index, step] of story.entries()) {
    const at = later(begun, seconds(index * secondsPerStep))
    const actors = actorsIn(tenant, rows, stranger)
    const actor = actors[step.actor % actors.length]
    if (actor === undefined) throw new Error('nobody acts')
    const act = { ...desk().act, actor, at }
    const scene = { desk: cheap(), act, organization, rows, step, links, begun }
    if (!(await isAccepted(async () => calls[step.call].make(scene)))) continue
    accepted += 1
    const after = { ...rows, ...(await partsOf(desk(), organization, calls[step.call].touches)) }
    const taken = { actor: whoseWord(step.call, scene), step, before: rows, after, now: at }
    const wrongs = [...wrongsOf(taken), ...ledger.enter(taken)]
    if (wrongs.length > 0) return { wrongs: wrongs.map((one) => `${actor.id} ${one}`), accepted }
    if (accepted % acceptedBetweenChecks === 0) await expectWhole(organization, after)
    rows = after
  }
  await expectWhole(organization, rows)
  const wrongs = (await textOf(desk(), stranger.organization)) === foreign ? [] : ['went abroad']
  return { wrongs, accepted }
}

/** What was read in parts is what is there. */
async function expectWhole(organization: OrganizationId, rows: Rows): Promise<void> {
  expect(rows).toEqual(await rowsOf(desk(), organization))
}

/** Secrets and passwords are not what this is about: one hash does for all. */
function cheap(): Desk {
  const { secrets, passwords, ...others } = desk()
  return {
    ...others,
    secrets: { ...secrets, hash: oneHash },
    passwords: { ...passwords, hash: oneHash },
  }
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
    const stranger = await newTenant(cheap())
    while (told.steps < stepsMin) {
      await fc.assert(
        fc.asyncProperty(
          fc.array(steps, { maxLength: stepsOfStoryMax, size: 'max' }),
          async (story) => {
            told.steps += story.length
            const tenant = await newTenant(cheap())
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

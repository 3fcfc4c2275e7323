/** A story: calls, one after the other, by whoever it may be; and what is wrong with the first wrong one. */
import { expect } from 'vitest'
import type { Actor, PersonActor } from '../../../src/domain/audit.ts'
import type { MemberId, OrganizationId, ServiceAccountId } from '../../../src/domain/id.ts'
import { parseId } from '../../../src/domain/id.ts'
import type { Permission } from '../../../src/domain/permission.ts'
import { later, seconds } from '../../../src/domain/time.ts'
import type { Desk } from '../desk.ts'
import { permission } from '../desk.ts'
import { byKey, bySession, byToken, isByOperator, signInAgain } from './actors.ts'
import type { Taken } from './property.ts'
import { Ledger, wrongsOf } from './property.ts'
import type { Rows } from './rows.ts'
import { partsOf, rowsOf, textOf } from './rows.ts'
import type { Call, Links, Scene } from './scene.ts'
import { NothingThere, pick } from './scene.ts'
import type { Story, Step } from './steps.ts'
import { calls } from './steps.ts'
import type { Tenant } from './world.ts'

/** All that there is is read after so many accepted calls; between them only what a call touches. */
const acceptedBetweenChecks = 20

/** Where a story takes place. */
export type Stage = {
  readonly desk: Desk
  readonly tenant: Tenant
  /** Another organization, which nothing here may touch; the guest of this one is an Owner of it. */
  readonly abroad: Tenant
  /** An operator who is no member. */
  readonly operator: PersonActor
}

export type Told = {
  /** How many steps were taken. */
  readonly taken: number
  /** The steps that were accepted. */
  readonly accepted: Story
  /** What the last of them did wrong. */
  readonly wrongs: readonly string[]
}

export async function tell(stage: Stage, story: Story): Promise<Told> {
  const { desk, tenant, abroad } = stage
  const foreign = await textOf(desk, abroad.organization)
  const teller = await newTeller(stage)
  for (const [index, step] of story.entries()) {
    const wrongs = await teller.take(step)
    if (wrongs.length > 0) return { wrongs, accepted: teller.accepted, taken: index + 1 }
  }
  await expectWhole(desk, tenant.organization, teller.rows())
  const isAbroad = (await textOf(desk, abroad.organization)) !== foreign
  const wrongs = isAbroad ? ['went abroad'] : []
  return { wrongs, accepted: teller.accepted, taken: story.length }
}

async function newTeller(stage: Stage) {
  const { desk, tenant } = stage
  const { organization } = tenant
  const begun = desk.act.at
  let rows = await rowsOf(desk, organization)
  const ledger = new Ledger(rows, begun)
  const links: Links = { invitations: new Map(), recoveries: new Map() }
  const accepted: Step[] = []
  const take = async (step: Step): Promise<readonly string[]> => {
    const actor = pickActor(stage, rows, step)
    await signInAgain(desk, actor)
    const act = { ...desk.act, actor, at: later(begun, seconds(step.after)) }
    const scene = { desk, act, organization, rows, step, links, begun }
    const call: Call = calls[step.call]
    // Read before the call: afterwards a link that was used is gone.
    const meant = meaningOf(call, scene)
    if (!(await isAccepted(async () => call.make(scene)))) return []
    accepted.push(step)
    const after = { ...rows, ...(await partsOf(desk, organization, call.touches)) }
    const taken: Taken = { call, actor, ...meant, before: rows, after, now: act.at }
    const wrongs = [...wrongsOf(taken), ...ledger.enter(taken), ...wrongsAbroad(stage, taken)]
    if (accepted.length % acceptedBetweenChecks === 0) await expectWhole(desk, organization, after)
    rows = after
    return wrongs.map((one) => `${taken.actor.id} ${one}`)
  }
  return { take, accepted, rows: () => rows }
}

/** On whose word a call stands, and whom it lets somebody become. */
function meaningOf({ word, becomes }: Call, scene: Scene): Partial<Taken> {
  try {
    return { ...(word && { actor: word(scene) }), becomes: becomes?.(scene) }
  } catch (error) {
    if (error instanceof NothingThere) return {}
    throw error
  }
}

/** Whoever becomes the guest is an Owner elsewhere: nobody's rights here are enough. */
function wrongsAbroad({ tenant }: Stage, { actor, becomes }: Taken): readonly string[] {
  return becomes === tenant.who.guest && !isByOperator(actor) ? ['became an Owner elsewhere'] : []
}

/**
 * Whoever may act: the organization's people, its accounts, those made meanwhile, a stranger and an
 * operator. An account acts by a token of one of its credentials; those that were there from the
 * beginning also by one of the first they had, which may have gone since.
 */
function pickActor({ tenant, abroad, operator }: Stage, rows: Rows, step: Step): Actor {
  const { organization, who, key, secrets } = tenant
  const { machine, overseer } = who
  const members = Object.values(who).flatMap((id) => parseId('member', id) ?? [])
  const narrow = ['bindings:manage', 'credentials:manage', 'groups:manage', 'roles:manage'].map(
    permission,
  )
  const session = (id: MemberId) => () => bySession(organization, id, id === overseer)
  const token = (id: ServiceAccountId, scope?: readonly Permission[]) => {
    const credential = rows.credentials.find(({ principal }) => principal === id)?.id
    return credential ? [() => byToken(organization, id, credential, scope)] : []
  }
  const actors = [
    ...members.map(session),
    () => byKey(organization, who.owner, key),
    ...rows.keys.slice(-2).map(
      ({ id, member }) =>
        () =>
          byKey(organization, member, id),
    ),
    ...[...secrets].map(
      ([id, secret]) =>
        () =>
          byToken(organization, id, secret),
    ),
    ...[machine, ...rows.accounts.slice(-4)].flatMap((id) => token(id)),
    ...token(machine, narrow),
    () => bySession(abroad.organization, abroad.who.owner),
    () => operator,
    ...rows.principals
      .flatMap(({ id }) => parseId('member', id) ?? [])
      .slice(-3)
      .map(session),
  ]
  return pick(actors, step.actor)()
}

/** What was read in parts is what is there. */
async function expectWhole(desk: Desk, organization: OrganizationId, rows: Rows): Promise<void> {
  expect(rows).toEqual(await rowsOf(desk, organization))
}

async function isAccepted(call: () => Promise<{ readonly ok: boolean }>): Promise<boolean> {
  try {
    return (await call()).ok
  } catch (error) {
    if (error instanceof NothingThere) return false
    throw error
  }
}

/** What must hold after every call that was accepted, whoever made it and whatever it was. */
import type { Actor } from '../../../src/domain/audit.ts'
import { permissionFor } from '../../../src/domain/management-permission.ts'
import type { Rights, Rows } from './holdings.ts'
import {
  altered,
  held,
  heldUntil,
  ofManagement,
  ownerUntil,
  owners,
  upTo,
  waysIn,
  word,
} from './holdings.ts'
import type { Step } from './steps.ts'
import { calls } from './steps.ts'
import { allOfManagement } from './world.ts'

export type Taken = {
  readonly actor: Actor
  readonly step: Step
  readonly before: Rows
  readonly after: Rows
  readonly now: number
}

/** What is wrong with a call that was accepted; nothing, if the rules of giving and taking hold. */
export function wrongsOf(taken: Taken): readonly string[] {
  const { actor, step, before, after, now } = taken
  const rights = word(before, actor, now)
  const needed = `/api ${permissionFor[calls[step.call].operation]} `
  return [
    ...(rights.has(needed) ? [] : [`did it without${needed}`]),
    ...gains(taken, rights),
    ...roleGains(taken, rights),
    ...newWays(taken, rights),
    ...losses(taken, rights),
    ...removals(taken, rights),
    ...(owners(before).length > 0 && owners(after).length === 0 ? ['left no Owner'] : []),
  ]
}

/** Nobody holds anything new that the actor did not hold. */
function gains({ before, after, now }: Taken, rights: Rights): readonly string[] {
  return altered(before, after).flatMap((id) => {
    const known = held(before, id, now)
    const gained = [...held(after, id, now)].filter(([key, end]) => end > (known.get(key) ?? 0))
    return beyond(rights, new Map(gained)).map((key) => `gave ${key}to ${id}`)
  })
}

/** No role has anything new that the actor does not hold everywhere and for ever. */
function roleGains({ before, after }: Taken, rights: Rights): readonly string[] {
  return after.permissions
    .filter(
      ({ role, api, permission }) =>
        !before.permissions.some(
          (one) => one.role === role && one.api === api && one.permission === permission,
        ),
    )
    .map(({ audience, permission }) => `${audience} ${permission} `)
    .filter((key) => mayGiveUntil(rights, key) < Infinity)
    .map((key) => `put ${key}into a role`)
}

/** No credential reaches anything, or for longer, that the actor does not hold. */
function newWays({ before, after, now }: Taken, rights: Rights): readonly string[] {
  const known = waysIn(before, now)
  return [...waysIn(after, now)].flatMap(([id, until]) => {
    if (until <= (known.get(id) ?? 0)) return []
    const holder = after.credentials.find((one) => one.id === id)?.principal
    const reached = holder === undefined ? new Map() : upTo(held(after, holder, now), until, now)
    return beyond(rights, reached).map((key) => `reached ${key}by ${id}`)
  })
}

/** Nobody who stays loses anything of the management API that the actor holds less of than they did. */
function losses({ before, after, now }: Taken, rights: Rights): readonly string[] {
  return altered(before, after).flatMap((id) => {
    const had = ofManagement(held(before, id, now))
    const left = held(after, id, now)
    const isLess = [...had].some(([key, end]) => end > (left.get(key) ?? 0))
    return isLess ? beyond(rights, had).map((key) => `took from ${id}, who had ${key}`) : []
  })
}

/** No member is removed who holds more of the management API than the actor. */
function removals({ before, after, now }: Taken, rights: Rights): readonly string[] {
  const staying = new Set<string>(after.principals.map(({ id }) => id))
  return before.principals.flatMap(({ id, kind }) => {
    if (kind !== 'member' || staying.has(id)) return []
    const had = ofManagement(held(before, id, now))
    return beyond(rights, had).map((key) => `removed ${id}, who had ${key}`)
  })
}

function mayGiveUntil(rights: Rights, key: string): number {
  return Math.max(heldUntil(rights, key), ownerUntil(rights, allOfManagement))
}

function beyond(rights: Rights, others: Rights): readonly string[] {
  return [...others].filter(([key, end]) => end > mayGiveUntil(rights, key)).map(([key]) => key)
}

/**
 * Everything that Owners gave, or that was there when the story began: what anybody may hold who was
 * not given it by the way.
 */
export class Ledger {
  readonly #given: Rights = new Map()

  constructor(rows: Rows, now: number) {
    for (const { id } of rows.principals) this.#note(held(rows, id, now))
  }

  /** Takes down what an Owner gave; says what somebody holds that no Owner ever gave. */
  enter({ actor, before, after, now }: Taken): readonly string[] {
    const asOwner = ownerUntil(word(before, actor, now), allOfManagement)
    const others = altered(before, after)
    for (const id of others) this.#note(upTo(held(after, id, now), asOwner, now))
    return others.flatMap((id) =>
      [...held(after, id, now)]
        .filter(([key, end]) => end > heldUntil(this.#given, key))
        .map(([key]) => `${id} holds ${key}, which no Owner gave`),
    )
  }

  #note(rights: Rights): void {
    for (const [key, end] of rights) {
      this.#given.set(key, Math.max(this.#given.get(key) ?? 0, end))
    }
  }
}

/** What must hold after every call that was accepted, whoever made it and whatever it was. */
import type { MemberId } from '../../../src/domain/id.ts'
import { permissionFor } from '../../../src/domain/management-permission.ts'
import type { Speaker } from './actors.ts'
import { isByOperator } from './actors.ts'
import type { Ending, Rights } from './holdings.ts'
import {
  altered,
  carriedBy,
  held,
  heldUntil,
  lasting,
  ofManagement,
  ownerUntil,
  owners,
  upTo,
  waysIn,
  word,
} from './holdings.ts'
import type { Rows } from './rows.ts'
import type { Call } from './scene.ts'
import { allOfManagement } from './world.ts'

export type Taken = {
  /** Whoever's word it stands on. */
  readonly actor: Speaker
  readonly call: Call
  /** Whom it lets somebody become. */
  readonly becomes?: MemberId | undefined
  readonly before: Rows
  readonly after: Rows
  readonly now: number
}

/** What is wrong with a call that was accepted; nothing, if the rules of giving and taking hold. */
export function wrongsOf(taken: Taken): readonly string[] {
  const { actor, before, after, now } = taken
  const rights = word(before, actor, now)
  return [
    ...presumptions(taken, rights),
    ...keysOfOthers(taken),
    ...grants(taken, rights),
    ...promises(taken, rights),
    ...gains(taken, rights),
    ...roleGains(taken, rights),
    ...openings(taken, rights),
    ...newWays(taken, rights),
    ...becoming(taken, rights),
    ...losses(taken, rights),
    ...removals(taken, rights),
    ...(owners(before).length > 0 && owners(after).length === 0 ? ['left no Owner'] : []),
  ]
}

/** Nobody does what they have no permission for, or what such an actor never does. */
function presumptions({ actor, call, before, after }: Taken, rights: Rights): readonly string[] {
  if (call.byOperators && isByOperator(actor)) return []
  const wrongs: string[] = []
  const needed = call.operation && `/api ${permissionFor[call.operation]} `
  if (needed !== undefined && !rights.has(needed)) wrongs.push(`did it without${needed}`)
  if (call.bySession && isByApplicationKey(actor)) wrongs.push('did by a key what takes a session')
  if (before.disabled !== after.disabled) wrongs.push('decided whether the organization works')
  return wrongs
}

/** Nobody grants who may not grant, nor puts into groups who may not, whatever else they do by it. */
function grants({ before, after }: Taken, rights: Rights): readonly string[] {
  const hasGranted = after.bindings.some(({ id }) => !before.bindings.some((one) => one.id === id))
  const hasJoined = after.inGroups.some(
    ({ principal, group }) =>
      !before.inGroups.some((one) => one.principal === principal && one.group === group),
  )
  const needed = [
    ...(hasGranted ? ['/api bindings:manage '] : []),
    ...(hasJoined ? ['/api groups:manage '] : []),
  ]
  return needed.filter((key) => !rights.has(key)).map((key) => `granted without${key}`)
}

/** No invitation gives what whoever invites does not hold everywhere and for ever. */
function promises({ before, after, now }: Taken, rights: Rights): readonly string[] {
  const made = after.invitations.filter(
    ({ id }) => !before.invitations.some((one) => one.id === id),
  )
  return made.flatMap(({ id, roles, groups }) => {
    const given = after.permissions.filter(({ role }) => roles.includes(role))
    const everywhere = given.map(({ audience, permission }) => `${audience} ${permission} `)
    const carried = groups.flatMap((group) => [...carriedBy(after, group, now)])
    const all = new Map([...carried, ...everywhere.map((key) => [key, Infinity] as const)])
    return beyond(rights, all).map((key) => `promised ${key}by ${id}`)
  })
}

/** Nobody opens an application key but its own member. */
function keysOfOthers({ actor, before, after }: Taken): readonly string[] {
  return lengthened(before.keys, after.keys)
    .filter(({ member }) => member !== actor.id)
    .map(({ id, member }) => `opened ${id}, a key of ${member}`)
}

function isByApplicationKey(actor: Speaker): boolean {
  return actor.type === 'member' && actor.by.type === 'token'
}

/** Those that are new, enabled again or to last longer. */
function lengthened<One extends Ending>(before: readonly One[], after: readonly One[]) {
  return after.filter((one) => {
    const known = before.find(({ id }) => id === one.id)
    return !one.disabled && lasting(one) > (known === undefined ? 0 : lasting(known))
  })
}

/**
 * Nobody opens a credential, or an account that was there, who does not hold all that the account holds
 * for as long; whether the account may be used just now makes it no less.
 */
function openings({ before, after, now }: Taken, rights: Rights): readonly string[] {
  const known = new Set<string>(before.principals.map(({ id }) => id))
  const credentials = lengthened(before.credentials, after.credentials)
  const accounts = lengthened(before.principals, after.principals)
    .filter(({ id }) => known.has(id))
    .map(({ id, end }) => ({ id, principal: id, end }))
  return [...credentials, ...accounts].flatMap(({ id, principal, end }) => {
    const reached = upTo(held(after, principal, now), end ?? Infinity, now)
    return beyond(rights, reached).map((key) => `opened ${id}, with ${key}of ${principal}`)
  })
}

/** Nobody becomes a member, by a recovery, who does not hold all that the member holds. */
function becoming({ actor, becomes, before, now }: Taken, rights: Rights): readonly string[] {
  if (becomes === undefined || isByOperator(actor)) return []
  if (becomes === actor.id) return [`recovered themselves`]
  return beyond(rights, held(before, becomes, now)).map((key) => `became ${becomes}, with ${key}`)
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

/**
 * Who holds what in an organization, worked out from its rows by other means than the program's: what
 * the property about escalation is judged by.
 */
import type { CredentialId, GroupId, PrincipalId } from '../../../src/domain/id.ts'
import type { Speaker } from './actors.ts'
import type { Rows } from './rows.ts'

/** Until when each right is held, by `audience permission resource`; nothing that has ended. */
export type Rights = Map<string, number>

const everywhere = ''
const management = '/api'

export function held(rows: Rows, principal: PrincipalId, now: number): Rights {
  return new Map([...everHeld(rows, principal)].filter(([, until]) => until > now))
}

const known = new WeakMap<Rows, Map<PrincipalId, Rights>>()

/** All that the rows give somebody, what has ended among it. Worked out once for the same rows. */
function everHeld(rows: Rows, principal: PrincipalId): Rights {
  const ofRows = known.get(rows) ?? new Map<PrincipalId, Rights>()
  known.set(rows, ofRows)
  const rights = ofRows.get(principal) ?? rightsOf(rows, principal)
  ofRows.set(principal, rights)
  return rights
}

function rightsOf(rows: Rows, principal: PrincipalId): Rights {
  return rightsBy(rows, bindingsOf(rows, principal))
}

/** What a group gives to those who are in it. */
export function carriedBy(rows: Rows, group: GroupId, now: number): Rights {
  const bindings = rows.bindings.filter((one) => one.group === group)
  return new Map([...rightsBy(rows, bindings)].filter(([, until]) => until > now))
}

function rightsBy(rows: Rows, bindings: Rows['bindings']): Rights {
  const rights: Rights = new Map()
  for (const { role, resource, end } of bindings) {
    const until = end ?? Infinity
    for (const { audience, permission } of rows.permissions.filter((one) => one.role === role)) {
      const key = `${audience} ${permission} ${resource ?? everywhere}`
      rights.set(key, Math.max(rights.get(key) ?? 0, until))
    }
  }
  return rights
}

/** Those to whom the rows give something else than before: nobody else gains or loses. */
export function altered(before: Rows, after: Rows): readonly PrincipalId[] {
  return after.principals
    .map(({ id }) => id)
    .filter((id) => !isSame(everHeld(before, id), everHeld(after, id)))
}

function isSame(some: Rights, others: Rights): boolean {
  return some.size === others.size && [...some].every(([key, end]) => others.get(key) === end)
}

function bindingsOf(rows: Rows, principal: PrincipalId): Rows['bindings'] {
  const theirs = rows.inGroups.filter((one) => one.principal === principal)
  const groups = new Set(theirs.map(({ group }) => group))
  return rows.bindings.filter(
    (one) => one.principal === principal || (one.group !== null && groups.has(one.group)),
  )
}

export function upTo(rights: Rights, end: number, now: number): Rights {
  const all = [...rights].map(([key, until]) => [key, Math.min(until, end)] as const)
  return new Map(all.filter(([, until]) => until > now))
}

/** What somebody may act on: what they hold, in person or in the hands of their token. */
export function word(rows: Rows, actor: Speaker, now: number): Rights {
  const principal = rows.principals.find(({ id }) => id === actor.id)
  const isAway = principal === undefined || principal.disabled || (principal.end ?? Infinity) <= now
  if (isAway || rows.disabled || !isProofGood(rows, actor, now)) return new Map()
  const rights = upTo(held(rows, principal.id, now), principal.end ?? Infinity, now)
  if (!('by' in actor) || actor.by.type !== 'token') return rights
  const { scope } = actor.by
  const inHand = [...rights].filter(([key]) => {
    const [audience, permission, resource] = key.split(' ')
    if (audience !== management) return true
    return resource === everywhere && scope.some((one) => one === permission)
  })
  return new Map(inHand)
}

/** Whether the credential or the application key that got their token is there and works. */
function isProofGood({ credentials, keys }: Rows, actor: Speaker, now: number): boolean {
  if (!('by' in actor) || actor.by.type !== 'token') return true
  const { gotWith } = actor.by
  const proof = [...credentials, ...keys].find(({ id }) => id === gotWith)
  return proof !== undefined && lasting(proof) > now
}

/** Until when they hold all of the management API, as Owners do. */
export function ownerUntil(rights: Rights, allOfManagement: readonly string[]): number {
  return Math.min(
    ...allOfManagement.map((one) => rights.get(`${management} ${one} ${everywhere}`) ?? 0),
  )
}

/** Until when a right is held: on the whole organization, or there. */
export function heldUntil(rights: Rights, key: string): number {
  const [audience, permission] = key.split(' ')
  return Math.max(rights.get(`${audience} ${permission} ${everywhere}`) ?? 0, rights.get(key) ?? 0)
}

export function ofManagement(rights: Rights): Rights {
  return new Map([...rights].filter(([key]) => key.startsWith(`${management} `)))
}

/** Members with a direct, endless, organization-wide binding of the built-in Owner role. */
export function owners(rows: Rows): readonly PrincipalId[] {
  const owner = rows.roles.find(({ builtIn, name }) => builtIn && name === 'Owner')?.id
  return rows.principals
    .filter(({ kind }) => kind === 'member')
    .map(({ id }) => id)
    .filter((id) =>
      rows.bindings.some(
        ({ principal, role, resource, end }) =>
          principal === id && role === owner && resource === null && end === null,
      ),
    )
}

export type Ending = {
  readonly id: string
  readonly disabled: boolean
  readonly end: number | null
}

/** Until when something works, if it is not changed. */
export function lasting({ disabled, end }: Ending): number {
  return disabled ? 0 : (end ?? Infinity)
}

/** The ways in: what can be reached with each credential that works, and until when. */
export function waysIn(rows: Rows, now: number): Map<CredentialId, number> {
  const ways = new Map<CredentialId, number>()
  for (const { id, principal, disabled, end } of rows.credentials) {
    const holder = rows.principals.find((one) => one.id === principal)
    if (disabled || holder === undefined || holder.disabled) continue
    const until = Math.min(end ?? Infinity, holder.end ?? Infinity)
    if (until > now) ways.set(id, until)
  }
  return ways
}

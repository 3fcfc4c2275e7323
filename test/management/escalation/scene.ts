/** A step in an organization as it is: what it is about, chosen by numbers from what is there. */
import type { BindingSubject, ResourceName } from '../../../src/domain/binding.ts'
import type { InvitationId, MemberId, OrganizationId, PrincipalId } from '../../../src/domain/id.ts'
import type { LinkToken } from '../../../src/domain/link.ts'
import type { PermittedOperation } from '../../../src/domain/management-permission.ts'
import type { Result } from '../../../src/domain/result.ts'
import type { NumericDate } from '../../../src/domain/time.ts'
import { later, seconds } from '../../../src/domain/time.ts'
import type { Act } from '../../../src/storage/tx.ts'
import type { Desk } from '../desk.ts'
import { description, name, resource } from '../desk.ts'
import type { Speaker } from './actors.ts'
import type { Part, Rows } from './rows.ts'

/** The numbers of a step. */
export type Chosen = {
  readonly actor: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly end: number
}

/** The links that were made in a story: of invitations, and to the passwords of members. */
export type Links = {
  readonly invitations: Map<InvitationId, LinkToken>
  readonly recoveries: Map<MemberId, { readonly token: LinkToken; readonly by: Speaker }>
}

/** A step in an organization as it is now. */
export type Scene = {
  readonly desk: Desk
  readonly act: Act
  readonly organization: OrganizationId
  readonly rows: Rows
  readonly step: Chosen
  readonly links: Links
  /** When the story began: ends are so many days after it. */
  readonly begun: NumericDate
}

export type Call = {
  /** What it takes the permission for; without one, nothing but to be who it is about. */
  readonly operation?: PermittedOperation
  /** What of the rows is not as before when it was accepted. */
  readonly touches: readonly Part[]
  readonly make: (scene: Scene) => Promise<Result<unknown, { readonly reason: string }>>
  /** Whose word it stands on, if not that of who acts. */
  readonly word?: (scene: Scene) => Speaker
  /** Whom it lets somebody become. */
  readonly becomes?: (scene: Scene) => MemberId
  /** Whether an operator may do it who is no member. */
  readonly byOperators?: true
  /** Whether it takes a session: no token is enough, whoever holds it. */
  readonly bySession?: true
}

/** A step about something of which the organization has none. */
export class NothingThere extends Error {}

let made = 0
export const unique = () => name(`made ${(made += 1)}`)
export const text = description('')

const daysToEnds = [undefined, undefined, 1, 2, 3, 8]

export function endOf({ begun, step }: Scene): NumericDate | undefined {
  const days = daysToEnds[step.end]
  return days === undefined ? undefined : later(begun, seconds(days * 86_400))
}

const resources = [undefined, undefined, 'cluster/one', 'cluster/two']

export function resourceOf({ step }: Scene): ResourceName | undefined {
  const chosen = resources[(step.b + step.c) % resources.length]
  return chosen === undefined ? undefined : resource(chosen)
}

/** Any group or principal; often one that somebody else waits for, with a link that leads to it. */
export function subjectOf({ rows, links, step: { b, c } }: Scene): BindingSubject {
  const promised = rows.invitations.flatMap(({ groups }) => groups)
  const awaited = [...links.recoveries.keys()].slice(-3)
  if (c % 3 === 0) return { type: 'group', id: pick(orAny(promised, rows.groups, c), b) }
  const principals = rows.principals.map(({ id }) => id)
  return { type: 'principal', id: pick(orAny<PrincipalId>(awaited, principals, c), b) }
}

/** Any of some, if there are any and chance will have it, or of all. */
export function orAny<Item>(some: readonly Item[], all: readonly Item[], chance: number) {
  return some.length > 0 && chance % 4 < 2 ? some : all
}

/** Permissions of any API, the management API among them. */
export function somePermissions({ rows, step: { b, c } }: Scene) {
  const one = pick(rows.offered, b + c)
  return c % 2 === 0 ? [one] : [one, pick(rows.offered, b)]
}

/** What becomes of something that can be switched off and has an end. */
export function otherState(scene: Scene) {
  const { b, c } = scene.step
  return b % 2 === 0 ? { enabled: c % 3 > 0 } : { expiresAt: endOf(scene) ?? null }
}

export function pick<Item>(items: readonly Item[], at: number): Item {
  const item = items[at % Math.max(items.length, 1)]
  if (item === undefined) throw new NothingThere()
  return item
}

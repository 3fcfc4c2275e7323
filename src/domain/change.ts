import type { OrganizationId } from './id.ts'

/**
 * What the memory of every process must learn of. A kind names what is remembered, not what was
 * written: a new credential is a change of its principal, a new binding one of its principal or
 * group. The subject is the id of the thing (the audience, for an API).
 */
export const changeKinds = [
  'principal',
  'group',
  'role',
  'api',
  'organization',
  'signing_key',
  // A person, their proofs, sessions and links: nothing of them is remembered.
  'person',
  // All of it: nothing that was known before can be relied upon.
  'server',
] as const

export type ChangeKind = (typeof changeKinds)[number]

export type Change = {
  readonly kind: ChangeKind
  readonly organization: OrganizationId | undefined
  readonly subject: string
}

/** A change as read from the log; a newer program may have written a kind that this one lacks. */
export type LoggedChange = Omit<Change, 'kind'> & { readonly kind: ChangeKind | 'unknown' }

export function parseChangeKind(text: string): ChangeKind | 'unknown' {
  return changeKinds.find((kind) => kind === text) ?? 'unknown'
}

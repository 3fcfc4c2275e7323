import type { HeldBinding } from './binding.ts'
import type { Created } from './created.ts'
import type { GroupId, OrganizationId } from './id.ts'
import type { Description, Name } from './name.ts'
import type { Versioned } from './version.ts'

/** What the token plane needs of a group. */
export type GroupTerms = {
  readonly id: GroupId
  readonly organization: OrganizationId
  readonly name: Name
  readonly bindings: readonly HeldBinding[]
}

/** A set of principals that receive the same roles. */
export type Group = Omit<GroupTerms, 'bindings'> &
  Created &
  Versioned & { readonly description: Description }

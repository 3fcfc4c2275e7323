import type { Brand } from './brand.ts'
import type { Created } from './created.ts'
import type { BindingId, GroupId, OrganizationId, PrincipalId, RoleId } from './id.ts'
import type { NumericDate } from './time.ts'
import type { Versioned } from './version.ts'

/** A named thing that a role can be held on, `<type>/<name>`, such as `cluster/prod-eu`. */
export type ResourceName = Brand<string, 'ResourceName'>

const resourceName = /^[a-z][a-z0-9-]{0,62}\/[A-Za-z0-9][A-Za-z0-9._:/-]{0,190}$/

export function parseResourceName(text: string): ResourceName | undefined {
  return resourceName.test(text) ? (text as ResourceName) : undefined
}

/** A role as somebody holds it: on the whole organization, or on one resource. */
export type HeldBinding = {
  readonly id: BindingId
  readonly role: RoleId
  readonly resource: ResourceName | undefined
  readonly expiresAt: NumericDate | undefined
}

export type BindingSubject =
  | { readonly type: 'principal'; readonly id: PrincipalId }
  | { readonly type: 'group'; readonly id: GroupId }

/** A role given to a principal or a group. People see it as a "granted role". */
export type Binding = HeldBinding &
  Created &
  Versioned & {
    readonly organization: OrganizationId
    readonly subject: BindingSubject
  }

import type { Audience } from './api.ts'
import type { Created } from './created.ts'
import type { ApiId, OrganizationId, RoleId } from './id.ts'
import type { Description, Name } from './name.ts'
import type { Permission } from './permission.ts'
import type { Versioned } from './version.ts'

/** What the token plane needs of a role. */
export type RoleTerms = {
  readonly id: RoleId
  readonly organization: OrganizationId
  readonly name: Name
  readonly permissions: ReadonlyMap<Audience, readonly Permission[]>
}

/** A named set of permissions of one or several APIs. A built-in role cannot be changed or removed. */
export type Role = RoleTerms &
  Created &
  Versioned & {
    readonly description: Description
    readonly builtIn: boolean
  }

/** A permission of an API, as a role holds it. */
export type RolePermission = { readonly api: ApiId; readonly permission: Permission }

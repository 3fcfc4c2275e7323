import type { Audience } from './api.ts'
import type { Created } from './created.ts'
import type { OrganizationId } from './id.ts'
import type { Name } from './name.ts'
import type { Versioned } from './version.ts'

/** What the token plane needs of an organization. */
export type OrganizationTerms = {
  readonly id: OrganizationId
  readonly enabled: boolean
  /** The audience of a request that names none. RFC 9068 §3. */
  readonly defaultAudience: Audience | undefined
}

/** A tenant. Everything but keys and operators belongs to exactly one. */
export type Organization = OrganizationTerms & Created & Versioned & { readonly name: Name }

import type { Created } from './created.ts'
import type { MemberId, OrganizationId, PersonId } from './id.ts'
import type { Name } from './name.ts'
import type { Email } from './person.ts'

/** A person's place in an organization: a principal, as a service account is. */
export type Member = Created & {
  readonly id: MemberId
  readonly organization: OrganizationId
  readonly person: PersonId
}

/** A member as people know them. */
export type NamedMember = Member & { readonly name: Name; readonly email: Email }

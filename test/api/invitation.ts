import type { OrganizationId } from '../../src/domain/id.ts'
import { createInvitation } from '../../src/management/invitations.ts'
import { accepted } from '../management/desk.ts'
import { email, tokenOf } from '../management/people.ts'
import type { World } from './world.ts'

let emailsMade = 0
/** An email address that nobody has. */
export function freshEmail(): string {
  emailsMade += 1
  return `sample-${emailsMade}@example.com`
}

/** An invitation of somebody new, or of whoever has this email, and the token of its link. */
export async function freshInvitation(
  { world, organization }: { readonly world: World; readonly organization: OrganizationId },
  invited = email(freshEmail()),
) {
  const desk = world.desk()
  const wanted = { organization, email: invited, roles: [], groups: [] }
  const { invitation, link } = accepted(await createInvitation(desk, desk.act, wanted))
  return { id: invitation.id, token: tokenOf({ link }) }
}

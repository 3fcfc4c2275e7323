import type { OrganizationId } from '../../src/domain/id.ts'
import { parseEmail } from '../../src/domain/person.ts'
import { createInvitation } from '../../src/management/invitations.ts'
import { accepted } from '../management/desk.ts'
import type { World } from './world.ts'

let emailsMade = 0
/** An email address that nobody has. */
export function freshEmail(): string {
  emailsMade += 1
  return `sample-${emailsMade}@example.com`
}

export async function freshInvitation({
  world,
  organization,
}: {
  readonly world: World
  readonly organization: OrganizationId
}) {
  const desk = world.desk()
  const email = parseEmail(freshEmail())
  if (email === undefined) throw new Error('not an email address')
  const wanted = { organization, email, roles: [], groups: [] }
  return accepted(await createInvitation(desk, desk.act, wanted)).invitation.id
}

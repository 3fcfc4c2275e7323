import { parseId } from '../domain/id.ts'
import { parseName } from '../domain/name.ts'
import type { Organization } from '../domain/organization.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import * as organizations from '../storage/organizations.ts'
import type { CommandHouse } from './command-house.ts'
import type { CommandRefusal } from './refusal-text.ts'

/** The organization of this name or id, for what needs the database itself. */
export async function findOrganizationRow(
  { db: { management: db } }: Pick<CommandHouse, 'db'>,
  text: string,
): Promise<Result<Organization, CommandRefusal>> {
  const id = parseId('organization', text)
  const name = parseName(text)
  const byName = async () =>
    name === undefined ? undefined : organizations.findOrganizationByName(db, name)
  const found = id === undefined ? await byName() : await organizations.findOrganization(db, id)
  return found === undefined
    ? refuse({ reason: 'nothing_named', noun: 'organization', text })
    : accept(found)
}

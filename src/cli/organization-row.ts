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
  const nothing = refuse({ reason: 'nothing_named', noun: 'organization', text } as const)
  if (id !== undefined) {
    const found = await organizations.findOrganization(db, id)
    return found === undefined ? nothing : accept(found)
  }
  if (name === undefined) return nothing
  const { items } = await organizations.listOrganizations(db, { name })
  const [found, ...others] = items
  if (found === undefined) return nothing
  return others.length === 0
    ? accept(found)
    : refuse({
        reason: 'several_named',
        noun: 'organization',
        text,
        ids: items.map((one) => one.id),
      })
}

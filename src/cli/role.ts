import { absoluteAudience } from '../domain/management-permission.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { Role, RolePermission } from '../domain/role.ts'
import { changeRole, createRole, listRoles, removeRole } from '../management/roles.ts'
import type { CommandHouse } from './command-house.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { roleDocument } from '../http/api/documents.ts'
import { pageDocument } from './page-document.ts'
import type { PermissionReference } from './fields.ts'
import {
  descriptionField,
  idField,
  nameField,
  permissionReferenceField,
  reference,
} from './fields.ts'
import { defaulted, optional, repeated, required } from './inputs.ts'
import { counted, createdText, facts, moreText, sections, table, underHeadline } from './print.ts'
import { findApi, findEach, findOnlyApi, findRole } from './references.ts'
import type { CommandRefusal } from './refusal-text.ts'

const which = { role: required(reference('role'), 'Its name or id') }

const ofApi =
  'A permission is written with its API, as in orders:read@Orders: the name, the audience or the id after the @. With a single API, the permission alone will do.'

const create = command({
  verb: 'create',
  summary: 'Name a set of permissions',
  notes: [ofApi],
  arguments: { name: required(nameField, 'Unique in its organization') },
  options: {
    description: defaulted(descriptionField, '', 'What it is for'),
    permission: repeated(permissionReferenceField, 'What its holders may do'),
  },
  examples: ['role create Clerk --permission orders:read@Orders --permission stock:read@Stock'],
  run: async (desk, { name, description, permission }) => {
    const { house, act, organization } = desk
    const permissions = await findPermissions(desk, permission)
    if (!permissions.ok) return permissions
    const input = { organization, name, description, permissions: permissions.value }
    const outcome = await createRole(house, act, input)
    return outcome.ok ? told(house, outcome.value, `Created the ${named(outcome.value)}.`) : outcome
  },
})

const list = command({
  verb: 'list',
  summary: 'List the roles',
  arguments: {},
  options: { after: optional(idField('role'), 'Begin after this one') },
  run: async ({ house, organization }, { after }) => {
    const page = await listRoles(house, organization, { start: after })
    const rows = page.items.map((role) => [role.name, role.id, sizeText(role)])
    return accept({
      document: pageDocument('roles', page, (role) => roleDocument(house.issuer ?? '', role)),
      text: table(['NAME', 'ID', 'HOLDS'], rows) + moreText(page.next),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with its permissions',
  arguments: which,
  options: {},
  run: async ({ house, organization }, { role }) => {
    const found = await findRole(house, organization, role)
    return found.ok ? told(house, found.value, '') : found
  },
})

const change = command({
  verb: 'change',
  summary: 'Change its name, description or permissions',
  notes: ['Whoever holds the role holds what it becomes.', ofApi],
  arguments: which,
  changes: ['name', 'description', 'addPermission', 'removePermission'],
  options: {
    name: optional(nameField, 'Its new name'),
    description: optional(descriptionField, 'What it is for'),
    addPermission: repeated(permissionReferenceField, 'A permission it gets'),
    removePermission: repeated(permissionReferenceField, 'A permission it loses'),
  },
  examples: ['role change Clerk --add-permission orders:refund@Orders'],
  run: async (desk, { role: text, name, description, ...given }) => {
    const { house, act, organization } = desk
    const found = await findRole(house, organization, text)
    if (!found.ok) return found
    const added = await findPermissions(desk, given.addPermission)
    if (!added.ok) return added
    const removed = await findPermissions(desk, given.removePermission)
    if (!removed.ok) return removed
    const outcome = await changeRole(house, act, {
      organization,
      role: found.value.id,
      name,
      description,
      addPermissions: added.value,
      removePermissions: removed.value,
    })
    return outcome.ok ? told(house, outcome.value, `Changed the ${named(outcome.value)}.`) : outcome
  },
})

const remove = command({
  verb: 'remove',
  summary: 'Remove one that nobody holds',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async ({ house, act, organization, confirm }, { role: text }) => {
    const found = await findRole(house, organization, text)
    if (!found.ok) return found
    const consequence = `This removes the ${named(found.value)} for good, which holds ${sizeText(found.value)}.`
    const confirmed = await confirm(consequence)
    if (!confirmed.ok) return confirmed
    const outcome = await removeRole(house, act, { organization, role: found.value.id })
    if (!outcome.ok) return outcome
    return accept({
      document: roleDocument(house.issuer ?? '', outcome.value),
      text: `Removed the ${named(outcome.value)}.\n`,
    })
  },
})

export const roleCommands = [create, list, show, change, remove]

async function findPermissions(
  { house, organization }: OrganizationDesk,
  references: readonly PermissionReference[],
): Promise<Result<readonly RolePermission[], CommandRefusal>> {
  return findEach(references, async ({ permission, api: text }) => {
    const api =
      text === undefined
        ? await findOnlyApi(house, organization)
        : await findApi(house, organization, text)
    return api.ok ? accept({ api: api.value.id, permission }) : api
  })
}

async function told({ issuer = '' }: CommandHouse, role: Role, headline: string): Outcome {
  const own = facts([
    ['name', role.name],
    ['id', role.id],
    ['description', role.description],
    ['built in', role.builtIn ? 'yes' : 'no'],
    ['created', createdText(role)],
  ])
  const rows = [...role.permissions].flatMap(([audience, permissions]) =>
    permissions.map((permission) => [permission, absoluteAudience(issuer, audience)]),
  )
  const text = own + sections([['Permissions', table(['PERMISSION', 'AT'], rows)]])
  return accept({
    document: roleDocument(issuer, role),
    text: underHeadline(headline, text),
  })
}

function sizeText({ permissions }: Role): string {
  return counted([...permissions.values()].flat().length, 'permission')
}

function named({ name }: Role): string {
  return `role "${name}"`
}

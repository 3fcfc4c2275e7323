import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { createdText, moreText } from './answer-text.ts'
import type { RoleAnswer } from './answers.ts'
import { pageOf, roleAnswer } from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import type { PermissionReference } from './fields.ts'
import { descriptionField, nameField, permissionReferenceField, reference } from './fields.ts'
import { findApi, findEach, findOnlyApi, findRole } from './find.ts'
import { defaulted, optional, repeated, required } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { counted, facts, sections, table, underHeadline } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'
import type { HeldAt } from './role-permissions.ts'
import { collected, withChanges } from './role-permissions.ts'

const which = { role: required(reference('role'), 'Its name or id') }

const ofApi =
  'A permission is written with its API, as in orders:read@Orders: the name, the audience or the id after the @. With a single API beside the management API, the permission alone will do.'

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
    const held = await findPermissions(desk, permission)
    if (!held.ok) return held
    const body = { name, description, permissions: collected(held.value) }
    const path = desk.inside('roles')
    const created = await desk.api.ask({ method: 'POST', path, body }, roleAnswer)
    return created.ok ? told(created.value, `Created the ${named(created.value)}.`) : created
  },
})

const list = command({
  verb: 'list',
  summary: 'List the roles',
  arguments: {},
  options: listInputs,
  run: async ({ api, inside }, given) => {
    const call = { method: 'GET', path: inside('roles'), query: pageQuery(given) } as const
    const page = await api.ask(call, pageOf(roleAnswer))
    if (!page.ok) return page
    const rows = page.value.items.map((role) => [role.name, role.id, sizeText(role)])
    return accept({
      document: page.value,
      text: table(['NAME', 'ID', 'HOLDS'], rows) + moreText(page.value),
    })
  },
})

const show = command({
  verb: 'show',
  summary: 'Show one with its permissions',
  arguments: which,
  options: {},
  run: async (desk, { role }) => {
    const found = await findRole(desk, role)
    return found.ok ? told(found.value, '') : found
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
    const found = await findRole(desk, text)
    if (!found.ok) return found
    const added = await findPermissions(desk, given.addPermission)
    if (!added.ok) return added
    const removed = await findPermissions(desk, given.removePermission)
    if (!removed.ok) return removed
    const path = desk.inside('roles', found.value.id)
    const seen = await desk.api.see(path, roleAnswer)
    if (!seen.ok) return seen
    const permissions = withChanges(seen.value.value, added.value, removed.value)
    if (!permissions.ok) return permissions
    const body = { name, description, permissions: permissions.value }
    const call = { method: 'PATCH', path, body, ifMatch: seen.value.tag } as const
    const changed = await desk.api.ask(call, roleAnswer)
    return changed.ok ? told(changed.value, `Changed the ${named(changed.value)}.`) : changed
  },
})

const remove = command({
  verb: 'remove',
  summary: 'Remove one that nobody holds',
  arguments: which,
  options: {},
  asksFirst: true,
  run: async (desk, { role: text }) => {
    const found = await findRole(desk, text)
    if (!found.ok) return found
    const consequence = `This removes the ${named(found.value)} for good, which holds ${sizeText(found.value)}.`
    const confirmed = await desk.confirm(consequence)
    if (!confirmed.ok) return confirmed
    const path = desk.inside('roles', found.value.id)
    const removed = await desk.api.tell({ method: 'DELETE', path })
    if (!removed.ok) return removed
    return accept({ document: found.value, text: `Removed the ${named(found.value)}.\n` })
  },
})

export const roleCommands = [create, list, show, change, remove]

async function findPermissions(
  desk: OrganizationDesk,
  references: readonly PermissionReference[],
): Promise<Result<readonly HeldAt[], CommandRefusal>> {
  return findEach(references, async ({ permission, api: text }) => {
    const api = text === undefined ? await findOnlyApi(desk) : await findApi(desk, text)
    return api.ok ? accept({ audience: api.value.audience, permission }) : api
  })
}

async function told(role: RoleAnswer, headline: string): Outcome {
  const own = facts([
    ['name', role.name],
    ['id', role.id],
    ['description', role.description],
    ['built in', role.built_in ? 'yes' : 'no'],
    ['created', createdText(role)],
  ])
  const rows = role.permissions.flatMap(({ audience, permissions }) =>
    permissions.map((permission) => [permission, audience]),
  )
  const text = own + sections([['Permissions', table(['PERMISSION', 'AT'], rows)]])
  return accept({ document: role, text: underHeadline(headline, text) })
}

function sizeText({ permissions }: RoleAnswer): string {
  return counted(permissions.flatMap((one) => one.permissions).length, 'permission')
}

function named({ name }: RoleAnswer): string {
  return `role "${name}"`
}

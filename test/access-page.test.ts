import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ManagementPermission } from '../src/domain/management-permission.ts'
import {
  builtInRoles,
  managementPermissions,
  permissionFor,
} from '../src/domain/management-permission.ts'

it('docs/access.md has the permissions, the roles and the operations that the program has', async () => {
  const page = await readFile(join(import.meta.dirname, '../docs/access.md'), 'utf8')
  expect(page).toContain(tableOfPermissions())
})

function tableOfPermissions(): string {
  const roles = Object.values(builtInRoles)
  const head = ['permission', 'lets its holder', ...roles.map(({ name }) => name), 'operations']
  const rows = Object.entries(managementPermissions).map(([permission, meaning]) => {
    const held = roles.map(({ permissions }) => (has(permissions, permission) ? '×' : ''))
    const does = meaning.charAt(0).toLowerCase() + meaning.slice(1)
    return line([`\`${permission}\``, does, held.join(' | '), operationsOf(permission).join(', ')])
  })
  return [line(head), line(head.map(() => '---')), ...rows].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function has(permissions: readonly ManagementPermission[], wanted: string): boolean {
  return permissions.some((one) => one === wanted)
}

function operationsOf(permission: string): readonly string[] {
  return Object.entries(permissionFor)
    .filter(([, needed]) => needed === permission)
    .map(([operation]) => operation)
}

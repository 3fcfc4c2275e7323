import { describe, expect, it } from 'vitest'
import {
  builtInRoles,
  managementApi,
  managementAudience,
  managementPermissions,
  permissionFor,
} from '../../src/domain/management-permission.ts'
import { parseAudience } from '../../src/domain/api.ts'
import { parseDescription, parseName } from '../../src/domain/name.ts'
import { parsePermission } from '../../src/domain/permission.ts'

describe('the management API', () => {
  it('is called by an audience below the issuer, which no request can write as it rests', () => {
    expect(managementAudience('https://id.example.com')).toBe('https://id.example.com/api')
    expect(managementAudience('https://example.com/id')).toBe('https://example.com/id/api')
    expect(parseAudience(managementAudience('https://id.example.com'))).toBeDefined()
    expect(parseAudience(managementApi.audience)).toBeUndefined()
  })

  it.each(Object.entries(managementPermissions))('has the permission %s', (permission, meaning) => {
    expect(parsePermission(permission)).toBe(permission)
    expect(parseDescription(meaning)).toBe(meaning)
  })

  it('has no permission that no operation needs', () => {
    expect(new Set(Object.values(permissionFor))).toEqual(
      new Set(Object.keys(managementPermissions)),
    )
  })
})

describe('a built-in role', () => {
  it.each(Object.values(builtInRoles))('$name has a name and a description', (role) => {
    expect(parseName(role.name)).toBe(role.name)
    expect(parseDescription(role.description)).toBe(role.description)
  })

  it('holds no less than the one below it', () => {
    const { owner, memberManager, viewer } = builtInRoles
    expect(owner.permissions).toEqual(Object.keys(managementPermissions))
    expect(owner.permissions).toEqual(expect.arrayContaining([...memberManager.permissions]))
    expect(memberManager.permissions).toEqual(expect.arrayContaining([...viewer.permissions]))
    expect(memberManager.permissions).not.toContain('roles:manage')
    expect(viewer.permissions.every((permission) => permission.endsWith(':read'))).toBe(true)
  })
})

import { parseResourceName } from '../domain/binding.ts'
import type { AskedDetail } from '../domain/grant.ts'
import { parseName } from '../domain/name.ts'
import type { Permission } from '../domain/permission.ts'
import { parsePermission } from '../domain/permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'

/** `index` says which element of the list it is about. */
export type DetailsRefusal =
  | { readonly reason: 'details_malformed' }
  | { readonly reason: 'details_too_many' }
  | { readonly reason: 'detail_type_unknown'; readonly index: number }
  | { readonly reason: 'detail_field_unknown'; readonly index: number }
  | { readonly reason: 'detail_field_malformed'; readonly index: number; readonly field: string }

const textCharactersMax = 8192
const detailsMax = 50
const permissionsMax = 100

/**
 * Reads `authorization_details`: a JSON array of roles on resources,
 *
 *     [{ "type": "role", "role": "node-restarter", "resource": "cluster/prod-eu", "permissions": [...] }]
 *
 * where `permissions` may be left out. Whatever else is in it is refused, never passed over: a field
 * that is ignored is a restriction that is ignored. RFC 9396 §2 and §5.
 */
export function parseAuthorizationDetails(
  text: string,
): Result<readonly AskedDetail[], DetailsRefusal> {
  const list = text.length > textCharactersMax ? undefined : parseJson(text)
  if (!Array.isArray(list) || list.length === 0) return refuse({ reason: 'details_malformed' })
  if (list.length > detailsMax) return refuse({ reason: 'details_too_many' })

  const details: AskedDetail[] = []
  for (const [index, element] of list.entries()) {
    const detail = readDetail(element, index)
    if (!detail.ok) return detail
    details.push(detail.value)
  }
  return accept(details)
}

const fields = new Set(['type', 'role', 'resource', 'permissions'])

function readDetail(element: unknown, index: number): Result<AskedDetail, DetailsRefusal> {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    return refuse({ reason: 'details_malformed' })
  }
  const detail = new Map<string, unknown>(Object.entries(element))
  if (detail.get('type') !== 'role') return refuse({ reason: 'detail_type_unknown', index })
  if ([...detail.keys()].some((name) => !fields.has(name))) {
    return refuse({ reason: 'detail_field_unknown', index })
  }
  const malformed = (field: string) => refuse({ reason: 'detail_field_malformed', index, field })

  const role = parseText(detail.get('role'), parseName)
  if (role === undefined) return malformed('role')
  const resource = parseText(detail.get('resource'), parseResourceName)
  if (resource === undefined) return malformed('resource')
  if (!detail.has('permissions')) return accept({ role, resource, permissions: undefined })
  const permissions = readPermissions(detail.get('permissions'))
  return permissions === undefined
    ? malformed('permissions')
    : accept({ role, resource, permissions })
}

function readPermissions(value: unknown): readonly Permission[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > permissionsMax) return undefined
  const permissions = new Set<Permission>()
  for (const text of value) {
    const permission = parseText(text, parsePermission)
    if (permission === undefined) return undefined
    permissions.add(permission)
  }
  return [...permissions]
}

function parseText<Value>(
  value: unknown,
  parse: (text: string) => Value | undefined,
): Value | undefined {
  return typeof value === 'string' ? parse(value) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

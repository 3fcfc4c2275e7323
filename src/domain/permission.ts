import type { Brand } from './brand.ts'

/**
 * One right at an API, written `<object>:<verb>`. It is what OAuth calls a scope-token, so its
 * characters are a subset of RFC 6749 §3.3.
 */
export type Permission = Brand<string, 'Permission'>

const permission = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}:[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

export function parsePermission(text: string): Permission | undefined {
  return permission.test(text) ? (text as Permission) : undefined
}

import type { Permission } from '../domain/permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { RoleAnswer } from './answers.ts'

/** A permission at an API. */
export type HeldAt = { readonly audience: string; readonly permission: Permission }

type Permissions = readonly { readonly audience: string; readonly permissions: readonly string[] }[]

type NotInRole = { readonly reason: 'permission_not_in_role'; readonly permission: Permission }

/** The permissions as the API takes them: an API each, each once. */
export function collected(all: readonly { audience: string; permission: string }[]): Permissions {
  return [...new Set(all.map(({ audience }) => audience))].map((audience) => {
    const there = all.filter((one) => one.audience === audience)
    return { audience, permissions: [...new Set(there.map(({ permission }) => permission))] }
  })
}

/** What a role holds afterwards; `undefined` if that is not to change. */
export function withChanges(
  { permissions }: Pick<RoleAnswer, 'permissions'>,
  added: readonly HeldAt[],
  removed: readonly HeldAt[],
): Result<Permissions | undefined, NotInRole> {
  if (added.length === 0 && removed.length === 0) return accept(undefined)
  const held = permissions.flatMap((one) =>
    one.permissions.map((permission) => ({ audience: one.audience, permission })),
  )
  const stranger = removed.find((one) => !held.some(isSame(one)))
  if (stranger !== undefined) {
    return refuse({ reason: 'permission_not_in_role', permission: stranger.permission })
  }
  const kept = held.filter((one) => !removed.some(isSame(one)))
  return accept(collected([...kept, ...added]))
}

function isSame(one: { readonly audience: string; readonly permission: string }) {
  return (other: { readonly audience: string; readonly permission: string }) =>
    one.audience === other.audience && one.permission === other.permission
}

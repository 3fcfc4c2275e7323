/** Arbitraries of what clients ask for, and the clients that ask. */
import fc from 'fast-check'
import type { Access } from '../../src/domain/access.ts'
import { effectiveAccess, permissionPaths } from '../../src/domain/access.ts'
import { tokenLifetimeMax } from '../../src/domain/api.ts'
import type { ApiTerms } from '../../src/domain/api.ts'
import { authenticated } from '../../src/domain/client.ts'
import type { Client } from '../../src/domain/client.ts'
import type { AskedDetail, Grant, GrantRequest } from '../../src/domain/grant.ts'
import { decideGrant } from '../../src/domain/grant.ts'
import { parseScope } from '../../src/domain/scope.ts'
import type { NumericDate } from '../../src/domain/time.ts'
import { seconds } from '../../src/domain/time.ts'
import { idOf, made, name } from './specimens.ts'
import { here, moments, organization, permissions, resources, sources } from './sources.ts'

export const nothing: GrantRequest = { scope: undefined, details: undefined }
export const api: ApiTerms = {
  organization,
  audience: here,
  tokenLifetime: tokenLifetimeMax,
  signingAlg: 'ES256',
  signingAlgBefore: undefined,
  applicationKeys: false,
}

export function clientUntil(
  accountEnd?: NumericDate,
  credentialEnd?: NumericDate,
  lifetime?: number,
) {
  const credential = {
    id: idOf('credential', 1),
    enabled: true,
    expiresAt: credentialEnd,
    kind: 'unknown',
  } as const
  const client: Client = {
    id: idOf('service_account', 1),
    organization,
    principal: idOf('service_account', 1),
    principalType: 'service_account',
    enabled: true,
    expiresAt: accountEnd,
    tokenLifetime: lifetime === undefined ? undefined : seconds(lifetime),
    credentials: [credential],
    groups: [],
    bindings: [],
  }
  return authenticated(client, credential)
}

export const asker = clientUntil()

export function scopeOf(tokens: readonly string[]) {
  return made(parseScope(tokens.join(' ')))
}

/** Requests that name some of what there is, held or not. */
const scopes = fc.option(fc.subarray(permissions, { minLength: 1 }).map(scopeOf), {
  nil: undefined,
})
export const asked: fc.Arbitrary<GrantRequest> = fc.record({
  scope: scopes,
  details: fc.option(
    fc.array(
      fc.record({
        role: fc.constantFrom('Zeta', 'Alpha', 'mu', 'Beta', 'Nobody').map(name),
        resource: fc.constantFrom(...resources),
        permissions: fc.option(fc.subarray(permissions, { minLength: 1 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    { nil: undefined },
  ),
})

/** Requests for a part of what is held. */
function partOf(access: Access): fc.Arbitrary<GrantRequest> {
  const held = [...permissionPaths(access).keys()]
  const detail = fc.subarray([...access.details]).chain((list) =>
    fc.tuple(
      ...list.map(({ name: role, resource: on, permissions: all }) =>
        fc.option(fc.subarray([...all], { minLength: 1 }), { nil: undefined }).map((some) => ({
          role,
          resource: on,
          permissions: some,
        })),
      ),
    ),
  )
  return fc.record({
    scope:
      held.length === 0
        ? fc.constant(undefined)
        : fc.option(fc.shuffledSubarray(held, { minLength: 1 }).map(scopeOf), { nil: undefined }),
    details: fc.option(detail, { nil: undefined }),
  })
}

export const withPart = fc
  .tuple(sources, moments)
  .map(([given, now]) => ({ given, now, access: effectiveAccess(given, here, now) }))
  .filter(({ access }) => access.roles.length + access.details.length > 0)
  .chain((held) => fc.record({ held: fc.constant(held), request: partOf(held.access) }))

export function granted(
  access: Access,
  request: GrantRequest,
  now: NumericDate,
  client = asker,
): Grant {
  const decided = decideGrant(client, api, access, { asked: request, now })
  if (!decided.ok) throw new Error(decided.refusal.reason)
  return decided.value
}

export function detailHeld(
  access: Access,
  { role, resource: on, permissions: some }: AskedDetail,
): boolean {
  const held = access.details.find((detail) => detail.name === role && detail.resource === on)
  return held !== undefined && (some ?? []).every((one) => held.permissions.includes(one))
}

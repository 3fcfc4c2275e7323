import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Access, AccessSources, RoleDetail } from '../../src/domain/access.ts'
import { effectiveAccess, permissionPaths } from '../../src/domain/access.ts'
import { tokenLifetimeMax } from '../../src/domain/api.ts'
import type { AskedDetail, Grant, GrantRefusal, GrantRequest } from '../../src/domain/grant.ts'
import { decideGrant } from '../../src/domain/grant.ts'
import type { NumericDate } from '../../src/domain/time.ts'
import { numericDate, seconds } from '../../src/domain/time.ts'
import {
  api,
  asked,
  asker,
  clientUntil,
  detailHeld,
  granted,
  nothing,
  scopeOf,
  withPart,
} from './requests.ts'
import { here, moments, organization, sources } from './sources.ts'
import { idOf, made, name, permission, resource } from './specimens.ts'

/** A detail that leaves out its permissions means all that the role holds. */
function inFull({ details }: Access, { role, resource: on, permissions }: AskedDetail): RoleDetail {
  const held = details.find((detail) => detail.name === role && detail.resource === on)
  return { role, resource: on, permissions: permissions ?? made(held).permissions }
}

function whyRefused(access: Access, request: GrantRequest): GrantRefusal | undefined {
  if (access.roles.length + access.details.length === 0) {
    return { reason: 'audience_not_granted', audience: here }
  }
  const held = new Set<string>(permissionPaths(access).keys())
  const token = request.scope?.find((one) => !held.has(one))
  if (token !== undefined) return { reason: 'scope_not_held', token }
  const detail = request.details?.find((one) => !detailHeld(access, one))
  return detail && { reason: 'detail_not_held', detail }
}

describe('a grant for which nothing was asked', () => {
  it('is everything held at that audience', () => {
    fc.assert(
      fc.property(withPart, ({ held: { access, now } }) => {
        const grant = granted(access, nothing, now)
        expect(grant.scope).toEqual([...permissionPaths(access).keys()].toSorted())
        expect(grant.roles).toEqual(access.roles.map((role) => role.name))
        expect(grant.groups).toEqual(access.groups)
        expect(grant.details).toEqual(
          access.details.map((detail) => ({
            role: detail.name,
            resource: detail.resource,
            permissions: detail.permissions,
          })),
        )
      }),
    )
  })

  it('names the client, its organization and the audience', () => {
    fc.assert(
      fc.property(withPart, ({ held: { access, now } }) => {
        expect(granted(access, nothing, now)).toMatchObject({
          client: idOf('service_account', 1),
          organization,
          principalType: 'service_account',
          audience: here,
        })
      }),
    )
  })
})

describe('a grant for which something was asked', () => {
  it('is that and no more: no other scope, no other detail, no group', () => {
    fc.assert(
      fc.property(withPart, ({ held: { access, now }, request }) => {
        fc.pre(request.scope !== undefined || request.details !== undefined)
        const grant = granted(access, request, now)
        expect(grant.scope).toEqual([...(request.scope ?? [])].toSorted())
        expect(grant.groups).toEqual([])
        expect(grant.details).toEqual((request.details ?? []).map((one) => inFull(access, one)))
      }),
    )
  })

  it('has exactly the roles that the scope covers wholly', () => {
    fc.assert(
      fc.property(withPart, ({ held: { access, now }, request }) => {
        const grant = granted(access, request, now)
        const covered = access.roles.filter((role) =>
          role.permissions.every((one) => grant.scope.includes(one)),
        )
        expect(grant.roles).toEqual(covered.map((role) => role.name))
      }),
    )
  })

  it('is never more than what nothing asked for would give', () => {
    fc.assert(
      fc.property(withPart, ({ held: { access, now }, request }) => {
        const full = granted(access, nothing, now)
        const grant = granted(access, request, now)
        expect(full.scope).toEqual(expect.arrayContaining([...grant.scope]))
        expect(full.roles).toEqual(expect.arrayContaining([...grant.roles]))
        for (const detail of grant.details) expect(detailHeld(access, detail)).toBe(true)
        expect(grant.lifetime).toBeGreaterThanOrEqual(full.lifetime)
      }),
    )
  })

  it('is refused if and only if something asked for is not held', () => {
    fc.assert(
      fc.property(sources, moments, asked, (given, now, request) => {
        const access = effectiveAccess(given, here, now)
        const decided = decideGrant(asker, api, access, { asked: request, now })
        const refusal = whyRefused(access, request)
        expect(decided).toMatchObject(refusal === undefined ? { ok: true } : { ok: false, refusal })
      }),
      { numRuns: 500 },
    )
  })

  it('does not take a scope held on one resource for a scope held', () => {
    const { access, now } = oneDetail()
    const request = { scope: scopeOf(['cluster:restart']), details: undefined }
    expect(decideGrant(asker, api, access, { asked: request, now })).toEqual({
      ok: false,
      refusal: { reason: 'scope_not_held', token: 'cluster:restart' },
    })
  })

  it('does not take a role on one resource for the role on another', () => {
    const { access, now } = oneDetail()
    const detail = {
      role: name('Operator'),
      resource: resource('cluster/two'),
      permissions: undefined,
    }
    const request = { scope: undefined, details: [detail] }
    expect(decideGrant(asker, api, access, { asked: request, now })).toEqual({
      ok: false,
      refusal: { reason: 'detail_not_held', detail },
    })
  })
})

/** A principal with one role on one resource and nothing else. */
function oneDetail() {
  const role = {
    id: idOf('role', 1),
    organization,
    name: name('Operator'),
    permissions: new Map([[here, [permission('cluster:restart')]]]),
  }
  const binding = {
    id: idOf('binding', 1),
    role: role.id,
    resource: resource('cluster/one'),
    expiresAt: undefined,
  }
  const given = { bindings: [binding], groups: [], roles: new Map([[role.id, role]]) }
  const now = numericDate(0)
  return { access: effectiveAccess(given, here, now), now }
}

/** Whether everything that a grant says is still so at a moment, by anything that says so. */
function stillHeld(given: AccessSources, grant: Grant, at: NumericDate): boolean {
  const access = effectiveAccess(given, here, at)
  const held = permissionPaths(access)
  return (
    grant.scope.every((one) => held.has(one)) &&
    grant.roles.every((one) => access.roles.some((role) => role.name === one)) &&
    grant.details.every((one) => detailHeld(access, one))
  )
}

describe('the lifetime of a grant', () => {
  const ends = fc.option(fc.integer({ min: 23, max: 40 }).map(numericDate), { nil: undefined })

  it('ends with the earliest thing the grant stands on, and not before', () => {
    fc.assert(
      fc.property(withPart, ends, ends, ({ held, request }, account, credential) => {
        const { given, access, now } = held
        const grant = granted(access, request, now, clientUntil(account, credential))
        const whole = (at: number) =>
          stillHeld(given, grant, numericDate(at)) &&
          at < (account ?? Infinity) &&
          at < (credential ?? Infinity)
        const end = now + grant.lifetime
        expect(grant.lifetime).toBeGreaterThan(0)
        expect(whole(end - 1)).toBe(true)
        expect(grant.lifetime === tokenLifetimeMax || !whole(end)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('is at most that of the API, that of the account, and one hour', () => {
    const lifetime = fc.integer({ min: 60, max: 2 * tokenLifetimeMax })
    const { access, now } = oneDetail()
    fc.assert(
      fc.property(lifetime, fc.option(lifetime, { nil: undefined }), (ofApi, ofAccount) => {
        const client = clientUntil(undefined, undefined, ofAccount)
        const terms = { ...api, tokenLifetime: seconds(ofApi) }
        expect(decideGrant(client, terms, access, { asked: nothing, now })).toMatchObject({
          value: { lifetime: Math.min(ofApi, ofAccount ?? Infinity, 3600) },
        })
      }),
    )
  })
})

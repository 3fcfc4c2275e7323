import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Audience } from '../../src/domain/api.ts'
import type { Holding } from '../../src/domain/authority.ts'
import {
  authorityOver,
  heldUntil,
  holds,
  inForce,
  narrowedTo,
  unlimited,
  whyNotGivable,
  whyNotTakable,
} from '../../src/domain/authority.ts'
import type { ResourceName } from '../../src/domain/binding.ts'
import { builtInRoles, managementApi } from '../../src/domain/management-permission.ts'
import type { Permission } from '../../src/domain/permission.ts'
import { numericDate } from '../../src/domain/time.ts'

const now = numericDate(1_000)
const api = 'https://api.example.com' as Audience

type Where = { readonly resource?: string; readonly expiresAt?: number }

function holding(audience: string, held: readonly string[], where: Where = {}): Holding {
  return {
    permissions: new Map([[audience as Audience, held as readonly Permission[]]]),
    resource: where.resource as ResourceName | undefined,
    expiresAt: where.expiresAt === undefined ? undefined : numericDate(where.expiresAt),
  }
}

const managing = (held: readonly string[], where?: Where) =>
  holding(managementApi.audience, held, where)
const owner = (where?: Where) => managing(builtInRoles.owner.permissions, where)
const manager = managing(builtInRoles.memberManager.permissions)

describe('what may be given', () => {
  const reader = authorityOver([holding(api, ['a:read'])], now)
  const notHeld = { reason: 'permission_not_held', audience: api }

  it('is what is held, on the whole organization or on a part of it, for as long or shorter', () => {
    for (const where of [{}, { resource: 'cluster/one' }, { expiresAt: 2_000 }]) {
      expect(whyNotGivable(reader, [holding(api, ['a:read'], where)])).toBeUndefined()
    }
  })

  it('is no other permission, and none of another API', () => {
    expect(whyNotGivable(reader, [holding(api, ['a:read', 'a:write'])])).toEqual({
      ...notHeld,
      permission: 'a:write',
    })
    const elsewhere = 'https://other.example.com'
    expect(whyNotGivable(reader, [holding(elsewhere, ['a:read'])])).toEqual({
      ...notHeld,
      permission: 'a:read',
      audience: elsewhere,
    })
  })

  it('is nothing beyond the resource that it is held on', () => {
    const local = authorityOver([holding(api, ['a:read'], { resource: 'cluster/one' })], now)
    const refusal = { ...notHeld, permission: 'a:read' }
    expect(
      whyNotGivable(local, [holding(api, ['a:read'], { resource: 'cluster/one' })]),
    ).toBeUndefined()
    expect(whyNotGivable(local, [holding(api, ['a:read'])])).toEqual(refusal)
    expect(whyNotGivable(local, [holding(api, ['a:read'], { resource: 'cluster/two' })])).toEqual({
      ...refusal,
      resource: 'cluster/two',
    })
  })

  it('is nothing that outlasts what it is held by, which is the longest of several', () => {
    const until = authorityOver(
      [
        holding(api, ['a:read'], { expiresAt: 2_000 }),
        holding(api, ['a:read'], { expiresAt: 3_000 }),
      ],
      now,
    )
    expect(whyNotGivable(until, [holding(api, ['a:read'], { expiresAt: 3_000 })])).toBeUndefined()
    for (const where of [{}, { expiresAt: 3_001 }]) {
      expect(whyNotGivable(until, [holding(api, ['a:read'], where)])).toMatchObject(notHeld)
    }
  })

  it('is everything for an Owner, while they are one', () => {
    const anything = (where?: Where) => [holding(api, ['a:write'], where), owner(where)]
    expect(whyNotGivable(authorityOver([owner()], now), anything())).toBeUndefined()
    expect(whyNotGivable(unlimited, anything())).toBeUndefined()
    const forNow = authorityOver([owner({ expiresAt: 2_000 })], now)
    expect(whyNotGivable(forNow, anything({ expiresAt: 2_000 }))).toBeUndefined()
    expect(whyNotGivable(forNow, anything())).toMatchObject(notHeld)
    const almost = managing(builtInRoles.owner.permissions.slice(1))
    expect(whyNotGivable(authorityOver([almost], now), anything())).toMatchObject(notHeld)
    const somewhere = authorityOver([owner({ resource: 'cluster/one' })], now)
    expect(whyNotGivable(somewhere, anything())).toMatchObject(notHeld)
  })

  it('never adds up to more than there was, whatever is held and given', () => {
    fc.assert(
      fc.property(holdings, holdings, holdings, (held, given, asked) => {
        const giver = authorityOver(held, now)
        const receiver = authorityOver(given, now)
        const passed = inForce(asked, now)
        const isGiven = whyNotGivable(giver, inForce(given, now)) === undefined
        const isPassedOn = isGiven && whyNotGivable(receiver, passed) === undefined
        const isHeld = whyNotGivable(giver, passed) === undefined
        expect({ isPassedOn, isHeld }).not.toEqual({ isPassedOn: true, isHeld: false })
      }),
    )
  })
})

describe('an authority', () => {
  it('counts nothing that has ended, and nothing that is held on a resource only', () => {
    expect(holds(authorityOver([owner({ expiresAt: 1_000 })], now), 'members:manage')).toBe(false)
    expect(holds(authorityOver([owner({ resource: 'a/b' })], now), 'members:manage')).toBe(false)
    expect(holds(authorityOver([owner({ expiresAt: 1_001 })], now), 'members:manage')).toBe(true)
  })

  it('ends with its holder', () => {
    const held = heldUntil([owner()], numericDate(2_000))
    expect(whyNotGivable(authorityOver(held, now), [owner()])).toBeDefined()
    expect(whyNotGivable(authorityOver(held, now), heldUntil([owner()], numericDate(2_000)))).toBe(
      undefined,
    )
  })

  it('is, in the hands of a token, the scope of the token and no more', () => {
    const inHand = authorityOver(
      narrowedTo(['members:read' as Permission], [owner(), holding(api, ['a:read'])]),
      now,
    )
    expect(holds(inHand, 'members:read')).toBe(true)
    expect(holds(inHand, 'members:manage')).toBe(false)
    expect(whyNotGivable(inHand, [holding(api, ['a:read'])])).toBeUndefined()
    expect(whyNotGivable(inHand, [holding(api, ['a:write'])])).toBeDefined()
    const onResource = narrowedTo(
      ['members:read' as Permission],
      [managing(['members:read'], { resource: 'a/b' })],
    )
    expect(
      whyNotGivable(authorityOver(onResource, now), [
        managing(['members:read'], { resource: 'a/b' }),
      ]),
    ).toBeDefined()
  })
})

describe('what may be taken', () => {
  it('is anything of the management API from those who hold no more of it', () => {
    const authority = authorityOver([manager], now)
    expect(whyNotTakable(authority, [manager])).toBeUndefined()
    expect(whyNotTakable(authority, [managing(['members:read']), holding(api, ['x:y'])])).toBe(
      undefined,
    )
    expect(whyNotTakable(authority, [owner()])).toEqual({ reason: 'authority_insufficient' })
    expect(whyNotTakable(unlimited, [owner()])).toBeUndefined()
  })
})

const holdings: fc.Arbitrary<readonly Holding[]> = fc.array(
  fc
    .record({
      audience: fc.constantFrom(api, managementApi.audience),
      held: fc.oneof(
        fc.constant([...builtInRoles.owner.permissions]),
        fc.subarray(['a:read', 'a:write', 'members:read']),
      ),
      resource: fc.constantFrom(undefined, undefined, 'cluster/one', 'cluster/two'),
      expiresAt: fc.constantFrom(undefined, undefined, 900, 2_000, 3_000),
    })
    .map(({ audience, held, resource, expiresAt }) =>
      holding(audience, held, {
        ...(resource === undefined ? {} : { resource }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      }),
    ),
  { maxLength: 4 },
)

import { beforeAll, describe, expect, it } from 'vitest'
import { createBinding } from '../../src/management/bindings.ts'
import {
  changeCredential,
  createClientSecret,
  disableCredential,
  enableCredential,
} from '../../src/management/credentials.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  disableServiceAccount,
  enableServiceAccount,
} from '../../src/management/service-accounts.ts'
import { accepted, description, inDays, name, newMember, useDesk } from './desk.ts'
import type { Tenant } from './escalation/world.ts'
import { newTenant } from './escalation/world.ts'
import { asMember } from './people.ts'

import { castOf, managementNotHeld, missing, notHeld, refusalOf, to } from './escalation/cast.ts'

const desk = useDesk()
let mine: Tenant

beforeAll(async () => {
  mine = await newTenant(desk())
})

const { as, account, secretOf } = castOf(desk, () => mine)

describe('escalation by an account', () => {
  it('is refused: with a credential of a stronger one, made, enabled or prolonged', async () => {
    const { organization, who } = mine
    const input = { organization, principal: who.machine, name: name('mine') }
    expect(refusalOf(await createClientSecret(desk(), as('keeper'), input))).toEqual(
      managementNotHeld,
    )
    const secret = await secretOf(who.machine)
    accepted(await disableCredential(desk(), as('keeper'), secret))
    expect(refusalOf(await enableCredential(desk(), as('keeper'), secret))).toEqual(
      managementNotHeld,
    )
    const short = { ...secret, expiresAt: inDays(desk(), 1) }
    accepted(await changeCredential(desk(), as('keeper'), short))
    const long = { ...secret, expiresAt: null }
    expect(refusalOf(await changeCredential(desk(), as('keeper'), long))).toEqual(managementNotHeld)
    accepted(await enableCredential(desk(), as('owner'), secret))
  })

  it('is refused: by enabling a stronger one, or by letting it last longer', async () => {
    const { organization, roles } = mine
    const id = await account()
    const given = { organization, role: roles.writer.id, subject: to(id) }
    accepted(await createBinding(desk(), desk().act, given))
    const place = { organization, account: id }
    accepted(await disableServiceAccount(desk(), as('keeper'), place))
    expect(refusalOf(await enableServiceAccount(desk(), as('keeper'), place))).toEqual(
      notHeld('a:write', mine.api.audience),
    )
    const ended = { ...place, expiresAt: inDays(desk(), 1) }
    accepted(await changeServiceAccount(desk(), as('keeper'), ended))
    const endless = { ...place, expiresAt: null }
    expect(refusalOf(await changeServiceAccount(desk(), as('keeper'), endless))).toEqual(
      notHeld('a:write', mine.api.audience),
    )
  })

  it('is refused: with a credential of a stronger one that one ends first', async () => {
    const { organization, roles } = mine
    const id = await account()
    const given = { organization, role: roles.writer.id, subject: to(id) }
    accepted(await createBinding(desk(), desk().act, given))
    const soon = inDays(desk(), 1)
    const ending = { organization, account: id, expiresAt: soon }
    accepted(await changeServiceAccount(desk(), as('keeper'), ending))
    const secret = { organization, principal: id, name: name('kept for its return') }
    const ended = { ...as('keeper'), at: inDays(desk(), 2) }
    for (const act of [as('keeper'), ended]) {
      expect(refusalOf(await createClientSecret(desk(), act, secret))).toEqual(
        notHeld('a:write', mine.api.audience),
      )
    }
  })

  it('is refused: with an endless credential for who holds as much, but for a while', async () => {
    const { organization, roles } = mine
    const member = await newMember(desk(), organization)
    const leaving = member.id
    const until = inDays(desk(), 10)
    const forAWhile = { organization, role: roles.owner.id, subject: to(leaving), expiresAt: until }
    accepted(await createBinding(desk(), desk().act, forAWhile))
    const id = await account()
    const given = { organization, role: roles.writer.id, subject: to(id) }
    accepted(await createBinding(desk(), desk().act, given))
    const act = await asMember(desk(), member)
    const ending = { organization, account: id, expiresAt: inDays(desk(), 1) }
    accepted(await changeServiceAccount(desk(), act, ending))
    const secret = { organization, principal: id, name: name('as long as they') }
    expect(refusalOf(await createClientSecret(desk(), act, secret))).toEqual(
      notHeld('a:write', mine.api.audience),
    )
    accepted(await createClientSecret(desk(), act, { ...secret, expiresAt: until }))
  })

  it('is refused: by creating one with more than one holds, or without the right to grant', async () => {
    const { organization, groups, roles } = mine
    const creation = (roleOf: keyof Tenant['roles']) => ({
      organization,
      name: name(`with ${roleOf}`),
      description: description(''),
      roles: [{ role: roles[roleOf].id }],
    })
    expect(refusalOf(await createServiceAccount(desk(), as('manager'), creation('owner')))).toEqual(
      managementNotHeld,
    )
    accepted(await createServiceAccount(desk(), as('manager'), creation('manager')))
    const member = await newMember(desk(), organization)
    const { id } = member
    const given = { organization, role: roles.keeper.id, subject: to(id) }
    accepted(await createBinding(desk(), desk().act, given))
    const onlyKeeper = await asMember(desk(), member)
    expect(refusalOf(await createServiceAccount(desk(), onlyKeeper, creation('keeper')))).toEqual(
      missing('bindings:manage'),
    )
    const inGroup = { ...creation('keeper'), roles: [], groups: [groups.weak.id] }
    expect(refusalOf(await createServiceAccount(desk(), onlyKeeper, inGroup))).toEqual(
      missing('groups:manage'),
    )
  })

  it('is refused in two steps: a credential of what one may not strengthen, or the other way round', async () => {
    const { organization, roles } = mine
    const id = await account()
    accepted(
      await createClientSecret(desk(), as('keeper'), {
        organization,
        principal: id,
        name: name('mine'),
      }),
    )
    const strengthening = { organization, role: roles.owner.id, subject: to(id) }
    expect(refusalOf(await createBinding(desk(), as('keeper'), strengthening))).toEqual(
      managementNotHeld,
    )
  })
})

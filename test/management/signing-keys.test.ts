import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { revokeSigningKey } from '../../src/management/signing-key-revocation.ts'
import { rotateDueSigningKeys, rotateSigningKeys } from '../../src/management/signing-keys.ts'
import type { Kid } from '../../src/domain/key-ring.ts'
import { signingKey } from '../../src/domain/key-ring.ts'
import { listSigningKeys } from '../../src/storage/signing-keys.ts'
import { onPostgres } from '../support/database.ts'
import type { KeyDesk } from './keys.ts'
import {
  changeCount,
  keyTimes,
  mine,
  openKeyDesk,
  other,
  rules,
  serverAudit,
  tamperWithKeys,
} from './keys.ts'

async function keep(desk: KeyDesk): Promise<void> {
  expect(await rotateDueSigningKeys(desk.ports(mine), desk.act())).toMatchObject({ ok: true })
}

async function activeKid({ db, clock }: KeyDesk): Promise<Kid> {
  const ring = { use: 'access_token', alg: 'ES256' } as const
  const active = signingKey(await listSigningKeys(db.management), ring, clock.now())
  if (active === undefined) throw new Error('no key signs')
  return active.kid
}

describe('keeping the signing keys', () => {
  it('makes one that signs at once and one that waits, and then writes nothing more', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    expect(await keyTimes(desk)).toEqual([
      [0, 0, undefined],
      [0, undefined, undefined],
    ])
    const audit = await serverAudit(desk)
    expect(audit).toMatchObject([
      { kind: 'signing_key.created', after: { alg: 'ES256', use: 'access_token' } },
      { kind: 'signing_key.created', after: { signs_from: null } },
    ])
    const changes = await changeCount(desk)
    desk.clock.turn(899)
    await keep(desk)
    expect(await changeCount(desk)).toBe(changes)
    expect(await serverAudit(desk)).toHaveLength(audit.length)
  })

  it('plans the rotation in time, announces another key with it, and tells both', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    const changes = await changeCount(desk)
    desk.clock.turn(900)
    await keep(desk)
    expect(await keyTimes(desk)).toEqual([
      [0, 0, undefined],
      [0, 1000, undefined],
      [900, undefined, undefined],
    ])
    expect(await changeCount(desk)).toBe(changes + 2)
    expect((await serverAudit(desk)).slice(-2)).toMatchObject([
      {
        kind: 'signing_key.planned',
        actor: { type: 'operator' },
        before: { signs_from: null },
        after: { signs_from: '2030-01-01T00:16:40Z' },
      },
      { kind: 'signing_key.created' },
    ])
  })

  it('removes a key with its private half when its last token has died', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    const first = await activeKid(desk)
    desk.clock.turn(900)
    await keep(desk)
    desk.clock.turn(100 + rules.keptFor - 1)
    await keep(desk)
    expect(await keyTimes(desk)).toHaveLength(3)
    desk.clock.turn(1)
    await keep(desk)
    expect(await keyTimes(desk)).toEqual([
      [0, 1000, undefined],
      [900, undefined, undefined],
    ])
    expect((await serverAudit(desk)).at(-1)).toMatchObject({
      kind: 'signing_key.removed',
      target: { type: 'signing_key', id: first },
    })
  })

  it.runIf(onPostgres)('is done once, however many processes do it at once', async () => {
    const desk = await openKeyDesk()
    const all = async () =>
      Promise.all(
        Array.from({ length: 8 }, () => rotateDueSigningKeys(desk.ports(mine), desk.act())),
      )
    await all()
    expect(await keyTimes(desk)).toHaveLength(2)
    desk.clock.turn(900)
    await all()
    expect(await keyTimes(desk)).toEqual([
      [0, 0, undefined],
      [0, 1000, undefined],
      [900, undefined, undefined],
    ])
    expect(await serverAudit(desk)).toHaveLength(4)
  })

  it('passes over a key that somebody placed there and that cannot be opened', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    await tamperWithKeys(
      desk.db,
      sql`update signing_key set sealed_private_key = sealed_private_key || 'x'
        where signs_from is null`,
    )
    desk.clock.turn(900)
    await keep(desk)
    expect(await keyTimes(desk)).toEqual([
      [0, 0, undefined],
      [0, undefined, undefined],
      [900, 1000, undefined],
      [900, undefined, undefined],
    ])
  })
})

describe('a process that does not hold the key-encryption key of the server', () => {
  it('makes, plans, revokes and removes nothing, and is told which key it lacks', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    const before = await keyTimes(desk)
    const changes = await changeCount(desk)
    desk.clock.turn(5000)
    const refusal = {
      reason: 'key_encryption_key_not_held',
      sealedUnder: mine.id,
      held: [other.id],
    }
    const ports = desk.ports(other)
    const kid = await activeKid(desk)
    expect(await rotateDueSigningKeys(ports, desk.act())).toEqual({ ok: false, refusal })
    expect(await rotateSigningKeys(ports, desk.act())).toEqual({ ok: false, refusal })
    expect(await revokeSigningKey(ports, desk.act(), kid)).toEqual({ ok: false, refusal })
    expect(await keyTimes(desk)).toEqual(before)
    expect(await changeCount(desk)).toBe(changes)
  })

  it('may rotate the keys if it holds that key as the one before its own', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    desk.clock.turn(900)
    await rotateDueSigningKeys(desk.ports(other, mine), desk.act())
    const keys = await listSigningKeys(desk.db.management)
    expect(keys.map((key) => key.keyEncryptionKeyId)).toEqual([mine.id, mine.id, mine.id])
  })
})

describe('rotating the signing keys', () => {
  it('plans the rotation for the first moment at which everyone is ready, once', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    desk.clock.turn(300)
    const first = await rotateSigningKeys(desk.ports(mine), desk.act())
    expect(first).toMatchObject({
      ok: true,
      value: [{ alg: 'ES256', signsFrom: desk.start + 400 }],
    })
    const changes = await changeCount(desk)
    desk.clock.turn(50)
    expect(await rotateSigningKeys(desk.ports(mine), desk.act(), 'ES256')).toEqual(first)
    expect(await changeCount(desk)).toBe(changes)
    expect(await keyTimes(desk)).toEqual([
      [0, 0, undefined],
      [0, 400, undefined],
      [300, undefined, undefined],
    ])
  })
})

describe('revoking a signing key', () => {
  it('lets the key that everyone holds take over at once, and announces another', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    const kid = await activeKid(desk)
    desk.clock.turn(300)
    const outcome = await revokeSigningKey(desk.ports(mine), desk.act(), kid)
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        key: { kid, revokedAt: desk.start + 300 },
        successor: { signsFrom: desk.start + 300 },
      },
    })
    expect(await keyTimes(desk)).toEqual([
      [0, 0, 300],
      [0, 300, undefined],
      [300, undefined, undefined],
    ])
    expect((await serverAudit(desk)).slice(-3)).toMatchObject([
      { kind: 'signing_key.revoked', target: { id: kid } },
      { kind: 'signing_key.planned' },
      { kind: 'signing_key.created' },
    ])
  })

  it('waits until everyone holds the next one, if two are revoked one after the other', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    desk.clock.turn(300)
    await revokeSigningKey(desk.ports(mine), desk.act(), await activeKid(desk))
    desk.clock.turn(10)
    const outcome = await revokeSigningKey(desk.ports(mine), desk.act(), await activeKid(desk))
    expect(outcome).toMatchObject({
      ok: true,
      value: { successor: { signsFrom: desk.start + 400 } },
    })
  })

  it('is done once: asking again changes nothing', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    const kid = await activeKid(desk)
    desk.clock.turn(300)
    await revokeSigningKey(desk.ports(mine), desk.act(), kid)
    const changes = await changeCount(desk)
    desk.clock.turn(10)
    expect(await revokeSigningKey(desk.ports(mine), desk.act(), kid)).toMatchObject({
      ok: true,
      value: { key: { revokedAt: desk.start + 300 } },
    })
    expect(await changeCount(desk)).toBe(changes)
  })

  it('refuses a key that is not there', async () => {
    const desk = await openKeyDesk()
    await keep(desk)
    const kid = 'k'.repeat(43) as Kid
    expect(await revokeSigningKey(desk.ports(mine), desk.act(), kid)).toEqual({
      ok: false,
      refusal: { reason: 'signing_key_unknown', kid },
    })
  })
})

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { unseal } from '../../src/crypto/key-encryption-key.ts'
import { openWith } from '../../src/crypto/key-vault.ts'
import { giveUpSigningKeys, rewrapSigningKeys } from '../../src/management/key-encryption-key.ts'
import { revokeSigningKey } from '../../src/management/signing-key-revocation.ts'
import { rotateDueSigningKeys } from '../../src/management/signing-keys.ts'
import { listSigningKeys } from '../../src/storage/signing-keys.ts'
import {
  changeCount,
  mine,
  newKeyEncryptionKey,
  openKeyDesk,
  other,
  serverAudit,
  tamperWithKeys,
} from './keys.ts'

describe('changing the key-encryption key', () => {
  it('seals every key anew, and from then on only holders of the new one rotate them', async () => {
    const desk = await openKeyDesk()
    await rotateDueSigningKeys(desk.ports(mine), desk.act())
    const before = await listSigningKeys(desk.db.management)
    expect(await rewrapSigningKeys(desk.ports(other, mine), desk.act())).toEqual({
      ok: true,
      value: { from: mine.id, to: other.id, keys: 2, lost: 0 },
    })
    const after = await listSigningKeys(desk.db.management)
    expect(after.map(({ kid }) => kid)).toEqual(before.map(({ kid }) => kid))
    for (const key of after) {
      expect(await openWith([other], key)).toMatchObject({ ok: true })
      expect(await openWith([mine], key)).toMatchObject({ ok: false })
    }
    expect((await serverAudit(desk)).at(-1)).toMatchObject({
      kind: 'key_encryption_key.changed',
      target: { id: other.id },
      before: { id: mine.id },
      after: { id: other.id, signing_keys: after.map(({ kid }) => kid) },
    })
    expect(await rotateDueSigningKeys(desk.ports(mine), desk.act())).toMatchObject({
      refusal: { reason: 'key_encryption_key_not_held', sealedUnder: other.id },
    })
    expect(await rotateDueSigningKeys(desk.ports(other), desk.act())).toMatchObject({ ok: true })
  })

  it('changes nothing when it is done again', async () => {
    const desk = await openKeyDesk()
    await rotateDueSigningKeys(desk.ports(mine), desk.act())
    await rewrapSigningKeys(desk.ports(other, mine), desk.act())
    const changes = await changeCount(desk)
    expect(await rewrapSigningKeys(desk.ports(other, mine), desk.act())).toEqual({
      ok: true,
      value: { from: other.id, to: other.id, keys: 0, lost: 0 },
    })
    expect(await changeCount(desk)).toBe(changes)
  })

  it('is refused to who does not hold the one before, and changes nothing', async () => {
    const desk = await openKeyDesk()
    await rotateDueSigningKeys(desk.ports(mine), desk.act())
    const before = await listSigningKeys(desk.db.management)
    expect(await rewrapSigningKeys(desk.ports(other), desk.act())).toMatchObject({
      refusal: { reason: 'key_encryption_key_not_held', sealedUnder: mine.id },
    })
    expect(await listSigningKeys(desk.db.management)).toEqual(before)
  })

  it('seals all or none: a key that cannot be opened stops it, unless it was revoked', async () => {
    const desk = await openKeyDesk()
    await rotateDueSigningKeys(desk.ports(mine), desk.act())
    const [first, second] = await listSigningKeys(desk.db.management)
    if (first === undefined || second === undefined) throw new Error('two keys')
    const { vault } = desk.ports(other, mine)
    // What a damaged row or one that somebody placed there comes to.
    const damaged = {
      ...vault,
      reseal: async (key: typeof first) =>
        key.kid === second.kid
          ? ({ ok: false, refusal: { reason: 'seal_broken' } } as const)
          : vault.reseal(key),
    }
    expect(await rewrapSigningKeys({ db: desk.db, vault: damaged }, desk.act())).toEqual({
      ok: false,
      refusal: { reason: 'signing_key_not_opened', kid: second.kid, why: 'seal_broken' },
    })
    const sealedUnder = async () =>
      (await listSigningKeys(desk.db.management)).map(
        ({ keyEncryptionKeyId }) => keyEncryptionKeyId,
      )
    expect(new Set(await sealedUnder())).toEqual(new Set([mine.id]))
    await revokeSigningKey(desk.ports(mine), desk.act(), second.kid)
    const outcome = await rewrapSigningKeys({ db: desk.db, vault: damaged }, desk.act())
    expect(outcome).toMatchObject({ ok: true, value: { keys: 2 } })
    expect((await sealedUnder()).toSorted()).toEqual([mine.id, other.id, other.id].toSorted())
  })

  it('seals a key of an algorithm that only a newer program knows, too', async () => {
    const desk = await openKeyDesk()
    await rotateDueSigningKeys(desk.ports(mine), desk.act())
    await tamperWithKeys(
      desk.db,
      sql`update signing_key set alg = 'ES999' where signs_from is null`,
    )
    const outcome = await rewrapSigningKeys(desk.ports(other, mine), desk.act())
    expect(outcome).toMatchObject({ ok: true, value: { keys: 2 } })
    const keys = await listSigningKeys(desk.db.management)
    for (const key of keys) {
      expect(await unseal(other, key.sealedPrivateKey)).toMatchObject({ ok: true })
    }
  })

  it('begins anew where the one before is lost: what cannot be opened is removed', async () => {
    const desk = await openKeyDesk()
    await rotateDueSigningKeys(desk.ports(mine), desk.act())
    const lost = (await listSigningKeys(desk.db.management)).map(({ kid }) => kid)
    expect(await giveUpSigningKeys(desk.ports(other), desk.act())).toEqual({
      ok: true,
      value: { from: mine.id, to: other.id, keys: 0, lost: 2 },
    })
    expect((await serverAudit(desk)).at(-1)).toMatchObject({
      kind: 'key_encryption_key.changed',
      after: { id: other.id, removed_signing_keys: lost },
    })
    desk.clock.turn(10)
    expect(await rotateDueSigningKeys(desk.ports(mine), desk.act())).toMatchObject({ ok: false })
    expect(await rotateDueSigningKeys(desk.ports(other), desk.act())).toMatchObject({ ok: true })
    const keys = await listSigningKeys(desk.db.management)
    expect(keys.map((key) => key.signsFrom)).toEqual(
      expect.arrayContaining([desk.start + 10, undefined]),
    )
    expect(new Set(keys.map((key) => key.keyEncryptionKeyId))).toEqual(new Set([other.id]))
  })

  it('can go on to a third key, and back', async () => {
    const desk = await openKeyDesk()
    const third = newKeyEncryptionKey()
    await rotateDueSigningKeys(desk.ports(mine), desk.act())
    for (const pair of [
      [other, mine],
      [third, other],
      [mine, third],
    ] as const) {
      expect(await rewrapSigningKeys(desk.ports(...pair), desk.act())).toMatchObject({
        value: { from: pair[1].id, to: pair[0].id, keys: 2 },
      })
    }
  })
})

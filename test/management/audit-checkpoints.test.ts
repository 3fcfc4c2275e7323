import { randomBytes } from 'node:crypto'
import { CompactSign, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/crypto/audit-checkpoints.ts'
import { keyVault } from '../../src/crypto/key-vault.ts'
import { checkpointType } from '../../src/domain/audit-checkpoint.ts'
import { keysOf, publishedKeys } from '../../src/domain/key-ring.ts'
import type { SignedCheckpoint } from '../../src/management/audit-checkpoints.ts'
import {
  createAuditCheckpoint,
  listCheckpointKeys,
} from '../../src/management/audit-checkpoints.ts'
import { revokeSigningKey } from '../../src/management/signing-key-revocation.ts'
import { listSigningKeys, rotateDueSigningKeys } from '../../src/management/signing-keys.ts'
import { checkpointRing } from '../../src/management/signing-rings.ts'
import type { StoredKey } from '../../src/ports/signing-keys.ts'
import { jwks } from '../../src/protocol/jwks.ts'
import { keyEncryptionKey, testKeyEncryptionKey, testKeyRules } from '../support/house.ts'
import { accepted, issuer, newAccount, newOrganization, useDesk } from './desk.ts'

const desk = useDesk()
const rules = testKeyRules()

function ports(vault = keyVault([testKeyEncryptionKey])) {
  return { db: desk().db, vault, rules, issuer }
}

async function made(): Promise<SignedCheckpoint> {
  return accepted(await createAuditCheckpoint(ports(), desk().act))
}

async function checkpointKeys() {
  const { keys } = await listSigningKeys(ports())
  return keysOf(keys, checkpointRing)
}

function found([key]: readonly StoredKey[]): StoredKey {
  if (key === undefined) throw new Error('there is no such key')
  return key
}

describe('a checkpoint of the audit trail', () => {
  it('states where every chain ends, signed by a key that signs nothing else', async () => {
    await rotateDueSigningKeys(ports(), desk().act)
    expect(await checkpointKeys()).toEqual([])
    const { id: organization } = await newOrganization(desk())
    await newAccount(desk(), { organization })
    const { token, checkpoint, keys } = await made()
    expect(checkpoint).toMatchObject({ issuer, issuedAt: desk().act.at })
    const ends = checkpoint.ends.map(({ chain, sequence }) => [chain, sequence])
    expect(ends).toContainEqual([organization, 1])
    expect(ends.map(([chain]) => chain)).toContain('server')
    expect(accepted(await readCheckpoint(token, keys))).toEqual(checkpoint)
    const { keys: all } = await listSigningKeys(ports())
    const [kid] = keys.keys.map((key) => key.kid)
    expect(all.filter((key) => key.kid === kid)).toMatchObject([{ use: 'audit_checkpoint' }])
    // A second one makes no further key.
    const before = await checkpointKeys()
    expect((await made()).keys).toEqual(keys)
    expect(await checkpointKeys()).toEqual(before)
  })

  it('is verified with the published keys, while its key is among them', async () => {
    const { token } = await made()
    const { keys } = await listSigningKeys(ports())
    const published = publishedKeys(keys, { now: desk().act.at, keptFor: rules.keptFor })
    expect(await readCheckpoint(token, jwks(published))).toMatchObject({ ok: true })
  })

  it('is verified with the keys that were saved with it, after its own is gone', async () => {
    const saved = await made()
    const [first] = saved.keys.keys
    for (let days = 0; days < 70; days += 1) {
      desk().clock.turn(24 * 60 * 60)
      await rotateDueSigningKeys(ports(), desk().act)
    }
    const kids = (await checkpointKeys()).map(({ kid }) => kid)
    expect(kids).not.toContain(first?.kid)
    expect(kids.length).toBeGreaterThan(1)
    expect((await made()).keys.keys[0]?.kid).not.toBe(first?.kid)
    expect(await readCheckpoint(saved.token, saved.keys)).toMatchObject({ ok: true })
    expect(await readCheckpoint(saved.token, await listCheckpointKeys(ports()))).toEqual({
      ok: false,
      refusal: { reason: 'checkpoint_invalid', what: 'none of the keys has signed it' },
    })
  })

  it('is refused if a byte of it is another', async () => {
    const { token, keys } = await made()
    const [header = '', claims = '', signature = ''] = token.split('.')
    const text = Buffer.from(claims, 'base64url').toString().replace('"sequence":1', '"sequence":2')
    const altered = [header, Buffer.from(text).toString('base64url'), signature].join('.')
    for (const one of [altered, `${token}x`, 'nothing', '']) {
      expect(await readCheckpoint(one, keys)).toMatchObject({
        ok: false,
        refusal: { reason: 'checkpoint_invalid' },
      })
    }
  })

  it('is not what is signed with the right key and of another type, or says something else', async () => {
    const { vault } = ports()
    await made()
    const key = found(await checkpointKeys())
    const keys = await listCheckpointKeys(ports())
    const other = accepted(await vault.sign(key, { type: 'at+jwt', text: '{}' }))
    expect(await readCheckpoint(other, keys)).toMatchObject({
      refusal: { what: 'it is signed, but no checkpoint' },
    })
    const empty = accepted(await vault.sign(key, { type: checkpointType, text: '{"iss":"x"}' }))
    expect(await readCheckpoint(empty, keys)).toMatchObject({
      refusal: { what: 'it does not say what it must' },
    })
  })

  it('cannot be signed with a secret that everyone knows', async () => {
    const { checkpoint } = await made()
    const secret = { kty: 'oct', k: randomBytes(32).toString('base64url'), kid: 'x' }
    const token = await new CompactSign(Buffer.from(JSON.stringify(checkpoint)))
      .setProtectedHeader({ alg: 'HS256', typ: checkpointType, kid: 'x' })
      .sign(await importJWK(secret, 'HS256'))
    expect(await readCheckpoint(token, { keys: [secret] })).toMatchObject({ ok: false })
  })

  it('is not made without the key-encryption key', async () => {
    const stranger = keyVault([keyEncryptionKey(randomBytes(32).toString('hex'))])
    const outcome = await createAuditCheckpoint(ports(stranger), desk().act)
    expect(outcome).toMatchObject({ ok: false, refusal: { reason: 'checkpoint_key_missing' } })
    expect(await listCheckpointKeys(ports(stranger))).toEqual({ keys: [] })
  })

  it('of a revoked key counts no more, and the next key signs at once', async () => {
    const { token, keys } = await made()
    const key = found((await checkpointKeys()).filter(({ kid }) => kid === keys.keys[0]?.kid))
    accepted(await revokeSigningKey(ports(), desk().act, key.kid))
    expect(await readCheckpoint(token, await listCheckpointKeys(ports()))).toMatchObject({
      ok: false,
    })
    expect((await made()).keys.keys[0]?.kid).not.toBe(key.kid)
  })
})

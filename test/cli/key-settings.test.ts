import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readKeyRules, readKeySettings } from '../../src/cli/key-settings.ts'
import { keyEncryptionKey } from '../support/house.ts'

const times = {
  maxStaleSeconds: 300,
  jwksMaxAgeSeconds: 300,
  keyRotationIntervalSeconds: 30 * 24 * 60 * 60,
  keyRotationMarginSeconds: 60,
}

function problems(outcome: Awaited<ReturnType<typeof readKeySettings>>) {
  return outcome.ok ? [] : outcome.refusal.problems
}

describe('the times of the signing keys', () => {
  it('let everyone hold a key before it signs, and keep it until its last token has died', () => {
    expect(readKeyRules(times)).toEqual({
      ok: true,
      value: { interval: 2_592_000, lead: 660, keptFor: 3960 },
    })
  })

  it('count with what a process may not know yet, even if it must not be stale', () => {
    const rules = readKeyRules({ ...times, maxStaleSeconds: 0, jwksMaxAgeSeconds: 1 })
    expect(rules).toMatchObject({ value: { lead: 63, keptFor: 3662 } })
  })

  it('are refused if a key could be needed before everyone holds it', () => {
    const short = { ...times, keyRotationIntervalSeconds: 660 }
    expect(readKeyRules(short)).toMatchObject({ ok: true })
    expect(readKeyRules({ ...short, keyRotationIntervalSeconds: 659 })).toEqual({
      ok: false,
      refusal: {
        reason: 'settings_wrong',
        problems: [
          'KEY_ROTATION_INTERVAL=659s must be at least 11m: so long before it signs, a key is published (JWKS_MAX_AGE, MAX_STALE and KEY_ROTATION_MARGIN together)',
        ],
      },
    })
  })
})

describe('the key-encryption keys', () => {
  const [text, before] = ['ab'.repeat(32), 'cd'.repeat(32)]

  it('are the one to seal with, and the one before it if there is one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-key-'))
    onTestFinished(async () => rm(folder, { recursive: true }))
    const file = join(folder, 'previous')
    await writeFile(file, `${before}\n`)
    const read = async (previousKeyEncryptionKey?: { readonly file: string }) => {
      const source = { keyEncryptionKey: { text }, previousKeyEncryptionKey }
      return readKeySettings({ ...times, ...source })
    }
    expect(await read()).toMatchObject({ value: { keyEncryptionKeys: [keyEncryptionKey(text)] } })
    expect(await read({ file })).toMatchObject({
      value: { keyEncryptionKeys: [keyEncryptionKey(text), keyEncryptionKey(before)] },
    })
    expect(problems(await read({ file: `${file}-not-there` }))).toEqual([
      `the file that KEY_ENCRYPTION_KEY_PREVIOUS_FILE names cannot be read: ${file}-not-there (ENOENT)`,
    ])
    await writeFile(file, 'hunter2')
    expect(problems(await read({ file }))).toEqual([
      'the file that KEY_ENCRYPTION_KEY_PREVIOUS_FILE names must hold 32 bytes in base64 or hexadecimal: openssl rand -base64 32',
    ])
  })
})

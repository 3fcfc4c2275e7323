import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issuerComplaint } from '../config/issuer.ts'
import type { KeyEncryptionKey } from '../crypto/key-encryption-key.ts'
import { parseKeyEncryptionKey } from '../crypto/key-encryption-key.ts'
import type { KeyEncryptionKeys } from '../crypto/key-vault.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { systemClock } from '../house.ts'
import { readProgram } from '../program.ts'
import type { Database } from '../storage/database.ts'
import { openEmbedded, startEmbedded } from '../storage/database.ts'
import type { SchemaRefusal } from '../storage/migrate.ts'
import { migrate } from '../storage/migrate.ts'
import type { FolderLockRefusal } from './folder-lock.ts'
import { lockFolder } from './folder-lock.ts'

/** Where `dev` keeps everything, below the working directory. */
export const devFolder = '.countersign'

export type Embedded = {
  readonly db: Database
  readonly keyEncryptionKeys: KeyEncryptionKeys
  /** Closes the database and lets others into the folder. */
  readonly close: () => Promise<void>
}

/** Opens the embedded database of a folder, migrated; makes it, and its key, the first time. */
export async function openDevFolder(
  folder: string,
): Promise<Result<Embedded, FolderLockRefusal | SchemaRefusal>> {
  const lock = await lockFolder(folder)
  if (!lock.ok) return lock
  try {
    const keyEncryptionKeys = [await ownKey(join(folder, 'key-encryption-key'))] as const
    const db = await openEmbedded(await startEmbedded(join(folder, 'database')))
    const close = async () => {
      await db.close()
      await lock.value.release()
    }
    const migrated = await migrate(db, await readProgram(), systemClock.now())
    if (migrated.ok) return accept({ db, keyEncryptionKeys, close })
    await close()
    return migrated
  } catch (error) {
    await lock.value.release()
    throw error
  }
}

/** Keeps what `dev` is called in the folder, for the commands that work there once it has stopped. */
export async function rememberIssuer(folder: string, issuer: string): Promise<void> {
  await writeFile(join(folder, issuerFile), `${issuer}\n`, { mode: 0o600 })
}

/** What `dev` was called when it last ran in the folder; `undefined` if it never did. */
export async function rememberedIssuer(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, issuerFile), 'utf8').catch(() => '')
  const issuer = text.trim()
  return issuerComplaint(issuer) === undefined ? issuer : undefined
}

const issuerFile = 'issuer'

/** Reads the key-encryption key of a folder, or makes one that only its owner can read. */
async function ownKey(path: string): Promise<KeyEncryptionKey> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  const written = text ?? `${randomBytes(32).toString('base64')}\n`
  if (text === undefined) await writeFile(path, written, { mode: 0o600, flag: 'wx' })
  const key = parseKeyEncryptionKey(written)
  if (!key.ok) throw new Error(`${path} does not hold a key: 32 bytes in base64 or hexadecimal`)
  return key.value
}

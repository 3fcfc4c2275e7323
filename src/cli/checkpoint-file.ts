import { open } from 'node:fs/promises'
import type { CheckpointKeys, CheckpointRefusal } from '../crypto/audit-checkpoints.ts'
import { parseCheckpointKeys, readCheckpoint } from '../crypto/audit-checkpoints.ts'
import type { AuditCheckpoint } from '../domain/audit-checkpoint.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { listCheckpointKeys } from '../management/audit-checkpoints.ts'
import type { CommandHouse } from './command-house.ts'
import type { SettingsRefusal } from './settings.ts'

export type CheckpointFileRefusal =
  | (CheckpointRefusal & { readonly file: string })
  | SettingsRefusal
  | { readonly reason: 'file_unusable'; readonly file: string; readonly why: string }

/** A checkpoint of 100,000 chains has about 17 MB. */
const fileBytesMax = 64 * 1024 * 1024

/**
 * Reads checkpoints from files, with the keys of a file, or else with those of this database that can
 * be opened here.
 */
export async function readCheckpointFiles(
  house: CommandHouse,
  files: readonly string[],
  keyFile: string | undefined,
): Promise<Result<readonly AuditCheckpoint[], CheckpointFileRefusal>> {
  if (files.length === 0) return accept([])
  const keys = keyFile === undefined ? await ownKeys(house) : await keysOfFile(keyFile)
  if (!keys.ok) return keys
  const checkpoints: AuditCheckpoint[] = []
  for (const file of files) {
    const text = await textOf(file)
    if (!text.ok) return text
    const checkpoint = await readCheckpoint(text.value.trim(), keys.value)
    if (!checkpoint.ok) return refuse({ ...checkpoint.refusal, file })
    checkpoints.push(checkpoint.value)
  }
  return accept(checkpoints)
}

async function ownKeys(
  house: CommandHouse,
): Promise<Result<CheckpointKeys, CheckpointFileRefusal>> {
  const vault = await house.keyVault()
  return vault.ok ? accept(await listCheckpointKeys({ db: house.db, vault: vault.value })) : vault
}

async function keysOfFile(file: string): Promise<Result<CheckpointKeys, CheckpointFileRefusal>> {
  const text = await textOf(file)
  if (!text.ok) return text
  const keys = parseCheckpointKeys(text.value)
  return keys === undefined
    ? refuse({ reason: 'file_unusable', file, why: 'it holds no JSON Web Key Set' })
    : accept(keys)
}

async function textOf(file: string): Promise<Result<string, CheckpointFileRefusal>> {
  try {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      if (size > fileBytesMax)
        return refuse({ reason: 'file_unusable', file, why: 'it is too large' })
      return accept(await handle.readFile('utf8'))
    } finally {
      await handle.close()
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read'
    return refuse({ reason: 'file_unusable', file, why })
  }
}

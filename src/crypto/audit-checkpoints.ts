import type { JWK } from 'jose'
import { compactVerify, createLocalJWKSet, errors } from 'jose'
import type { AuditCheckpoint } from '../domain/audit-checkpoint.ts'
import { checkpointType, parseCheckpoint } from '../domain/audit-checkpoint.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'

export type CheckpointRefusal = {
  readonly reason: 'checkpoint_invalid'
  /** In which respect. */
  readonly what: string
}

/** A JSON Web Key Set, RFC 7517 §5. */
export type CheckpointKeys = { readonly keys: readonly JWK[] }

export function parseCheckpointKeys(text: string): CheckpointKeys | undefined {
  try {
    const set: unknown = JSON.parse(text)
    return isKeySet(set) ? set : undefined
  } catch {
    return undefined
  }
}

/** Each key is looked at when it is used. */
function isKeySet(set: unknown): set is CheckpointKeys {
  if (typeof set !== 'object' || set === null || !('keys' in set)) return false
  const { keys } = set
  return Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null)
}

/**
 * Reads a checkpoint that one of these keys has signed: the published ones, or those that were saved
 * with it. RFC 7515 §5.2, RFC 8725 §3.11.
 */
export async function readCheckpoint(
  text: string,
  { keys }: CheckpointKeys,
): Promise<Result<AuditCheckpoint, CheckpointRefusal>> {
  try {
    const { payload, protectedHeader } = await compactVerify(
      text,
      createLocalJWKSet({ keys: [...keys] }),
      {
        algorithms: ['ES256'],
      },
    )
    if (protectedHeader.typ !== checkpointType) return invalid('it is signed, but no checkpoint')
    const checkpoint = parseCheckpoint(new TextDecoder().decode(payload))
    return checkpoint === undefined ? invalid('it does not say what it must') : accept(checkpoint)
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return invalid('none of the keys has signed it')
    if (error instanceof errors.JOSEError || error instanceof TypeError) {
      return invalid(error.message)
    }
    throw error
  }
}

function invalid(what: string) {
  return refuse({ reason: 'checkpoint_invalid', what } as const)
}

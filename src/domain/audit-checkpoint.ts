import type { NumericDate } from './time.ts'

/**
 * Where all chains of the audit trail ended at a moment. Whoever can write to the database can make a
 * chain anew from any entry on, so that it is whole again; but not what was kept of it elsewhere.
 */
export type AuditCheckpoint = {
  readonly issuer: string
  readonly issuedAt: NumericDate
  /** Names the history of the database; another one follows a restored backup. */
  readonly epoch: string
  readonly ends: readonly CheckpointEnd[]
}

export type CheckpointEnd = {
  readonly chain: string
  readonly sequence: number
  /** In hexadecimal. */
  readonly hash: string
}

/** Says what it is, so that it is taken for nothing else. RFC 8725 §3.11. */
export const checkpointType = 'countersign-audit-checkpoint+jwt'

/** What is signed. */
export function checkpointClaims({ issuer, issuedAt, epoch, ends }: AuditCheckpoint): string {
  return JSON.stringify({ iss: issuer, iat: issuedAt, epoch, chains: ends })
}

/** Reads what was signed; `undefined` if it is no checkpoint. */
export function parseCheckpoint(claims: string): AuditCheckpoint | undefined {
  const { iss, iat, epoch, chains }: Record<string, unknown> = JSON.parse(claims)
  if (typeof iss !== 'string' || typeof epoch !== 'string' || !Array.isArray(chains))
    return undefined
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat)) return undefined
  const ends = chains.map(parseEnd)
  if (!ends.every((end) => end !== undefined)) return undefined
  return { issuer: iss, issuedAt: iat as NumericDate, epoch, ends }
}

const hexHash = /^[0-9a-f]{64}$/

function parseEnd(value: unknown): CheckpointEnd | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { chain, sequence, hash } = value as Record<string, unknown>
  if (typeof chain !== 'string' || typeof hash !== 'string' || !hexHash.test(hash)) return undefined
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 0)
    return undefined
  return { chain, sequence, hash }
}

import { argon2id, hash } from 'argon2'
import type { Phc } from '../domain/credential.ts'
import { parsePhc } from '../domain/credential.ts'

export type Argon2Cost = {
  /** In KiB. */
  readonly memoryCost: number
  /** Passes. */
  readonly timeCost: number
  readonly parallelism: number
  /** In bytes. */
  readonly hashLength: number
}

/**
 * Hashes with Argon2id under a salt of its own. The library writes p before t; here the parameters
 * have the order that the PHC string format gives Argon2 (m, t, p), as other programs write and
 * expect them.
 */
export async function phcOf(secret: string | Buffer, cost: Argon2Cost): Promise<Phc> {
  const written = await hash(secret, { type: argon2id, ...cost })
  const phc = parsePhc(written.replace(/,(p=\d+),(t=\d+)\$/, ',$2,$1$$'))
  if (phc === undefined) throw new Error('argon2 wrote no PHC string')
  return phc
}

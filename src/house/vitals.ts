import type { LanedSecrets } from '../crypto/secrets.ts'
import type { HeldKey } from '../crypto/signer.ts'
import { stateOf } from '../domain/key-ring.ts'
import type { KeyRules } from '../domain/key-rotation.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import { earlier, until } from '../domain/time.ts'
import type { ComparedClock } from '../memory/clock.ts'
import type { Memory } from '../memory/memory.ts'
import type { Clock } from '../ports/clock.ts'
import type { Vitals } from '../ports/vitals.ts'
import type { Database } from '../storage/database.ts'

type Parts = {
  readonly memory: Pick<Memory, 'clients' | 'attempts' | 'tail'>
  readonly secrets: Pick<LanedSecrets, 'lanes'>
  readonly db: Pick<Database, 'pools'>
  readonly clock: Pick<Clock, 'now'>
  readonly difference: ComparedClock['difference']
  readonly readiness: () => readonly string[]
  readonly keys: { readonly held: () => readonly HeldKey[] }
  readonly keyRules: Pick<KeyRules, 'keptFor'>
}

/** Gathers how a process is; each part knows its own. */
export function vitalsOf({ memory, keyRules: { keptFor }, ...parts }: Parts): () => Vitals {
  const { clients, attempts, tail } = memory
  return () => {
    const [ring, now] = [parts.keys.held(), parts.clock.now()]
    return {
      ready: parts.readiness().length === 0,
      memoryAge: tail.age(),
      tail: tail.vitals(),
      clockDifference: parts.difference(),
      remembered: clients.vitals(),
      hashing: parts.secrets.lanes(),
      slowLane: attempts.slowLane(),
      keys: ring.map((key) => ({
        use: key.use,
        alg: key.alg,
        state: stateOf(ring, key, { now, keptFor }),
        unopened: key.privateKey === undefined && key.revokedAt === undefined,
      })),
      nextKeyIn: nextKeyIn(ring, now),
      pools: parts.db.pools(),
    }
  }
}

/** Until the next moment at which a key takes over, unless it was revoked before. */
function nextKeyIn(ring: readonly HeldKey[], now: NumericDate): Seconds | undefined {
  const next = ring
    .filter(({ signsFrom, revokedAt }) => (signsFrom ?? now) > now && revokedAt === undefined)
    .map(({ signsFrom }) => signsFrom)
    .reduce<NumericDate | undefined>(earlier, undefined)
  return next === undefined ? undefined : until(now, next)
}

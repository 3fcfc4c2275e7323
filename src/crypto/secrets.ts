import { availableParallelism } from 'node:os'
import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto'
import { verify } from 'argon2'
import { secretCostOf } from '../domain/credential.ts'
import { encodeSecret } from '../domain/secret.ts'
import type { ClientSecret } from '../domain/secret.ts'
import type { SecretTag, Secrets } from '../ports/secrets.ts'
import type { LaneVitals } from '../ports/vitals.ts'
import { lanes } from './lanes.ts'
import type { Argon2Cost } from './phc.ts'
import { phcOf } from './phc.ts'

/**
 * The cost of a generated secret. Its 256 random bits cannot be guessed at any cost, so the hash
 * need not be slow; the OWASP cost is for passwords. RFC 9106 §4.
 */
const generatedCost = {
  memoryCost: 1024,
  timeCost: 1,
  parallelism: 1,
  hashLength: 32,
} satisfies Argon2Cost

/** Of the four threads that Node has for such work, one stays free for files and names of hosts. */
const widthMax = 3

/** A hash takes about a millisecond, so the last in the queue waits some 0.1 s. */
const queueMax = 100

/** One of these takes as long as forty others, so the last in the queue waits about 0.3 s. */
const importedQueueMax = 12

export type LanedSecrets = Secrets & {
  /** How the lanes are in which secrets are hashed. */
  readonly lanes: () => LaneVitals
}

/** Opens the lanes and makes the decoy. One per process: tags mean nothing to another. */
export async function openSecrets(): Promise<LanedSecrets> {
  const coresToSpare = Math.max(1, availableParallelism() - 1)
  const { run, vitals } = lanes({ width: Math.min(coresToSpare, widthMax), queueMax })
  const { run: runImported } = lanes({ width: 1, queueMax: importedQueueMax })
  const processKey = randomBytes(32).toString('hex')
  // No client secret looks like this, so nothing that can be presented fits.
  const decoy = await phcOf(randomBytes(32), generatedCost)

  return {
    generate: () => encodeSecret(randomBytes(12), randomBytes(32)),
    hash: (secret) => run(() => phcOf(secret, generatedCost)),
    verify: (phc, secret) => {
      const cost = secretCostOf(phc)
      if (cost === 'imported') return runImported(() => verify(phc, secret))
      // A hash of any other cost was not written by us, and could ask for all the memory there is. It
      // fits nothing, and that takes as long as not fitting always does.
      return run(() => verify(cost === 'generated' ? phc : decoy, secret))
    },
    decoy,
    tag: (secret) => tagOf(processKey, secret),
    sameTag: timingSafeEqual,
    lanes: vitals,
  }
}

function tagOf(processKey: string, secret: ClientSecret): SecretTag {
  const tag: Uint8Array = digest('sha256', `${processKey}${secret}`, 'buffer')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is the maker of tags
  return tag as SecretTag
}

import type { ClientSecretCredential } from '../domain/credential.ts'
import type { ClientId } from '../domain/id.ts'
import type { Attempted, Attempts, Failure, Proof } from '../ports/attempts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Secrets, SecretTag } from '../ports/secrets.ts'
import type { LaneVitals } from '../ports/vitals.ts'
import type { Allowance } from './limiter.ts'
import { limiter, networkOf } from './limiter.ts'
import { lru } from './lru.ts'

export type RememberedAttempts = Attempts & {
  /** Forgets the failures of a client, or of all: what failed may now succeed. */
  readonly forget: (client?: ClientId) => void
  readonly slowLane: () => LaneVitals
}

type Failed = Pick<Failure, 'tag' | 'refusal'> & { readonly at: number }

const failedClientsMax = 10_000
const failuresPerClientMax = 8
const failureAgeMaxMilliseconds = 10_000
const slowLaneMax = 50
/** The time in which a whole allowance of failures comes back. */
const refillSeconds = 10

/** How many failures in about ten seconds are answered before a caller is slowed down. */
export type FailuresMax = { readonly perClient: number; readonly perNetwork: number }

/**
 * A success is remembered on the credential it proved: when a change replaces the client's entry,
 * the memory of its proofs is gone with it. Failures are remembered for seconds and for few clients.
 */
export function rememberedAttempts(
  secrets: Pick<Secrets, 'sameTag'>,
  clock: Clock,
  { perClient, perNetwork }: FailuresMax,
): RememberedAttempts {
  const proofs = new WeakMap<ClientSecretCredential, SecretTag>()
  const failures = lru<ClientId, readonly Failed[]>(failedClientsMax)
  const clients = limiter(allowance(perClient), clock)
  const networks = limiter(allowance(perNetwork), clock)
  const lane = slowLane()

  return {
    hasProved: (credential, tag) => {
      const proof = proofs.get(credential)
      return proof !== undefined && secrets.sameTag(proof, tag)
    },
    proved: (credential, tag) => void proofs.set(credential, tag),
    failureOf: (client, tag) =>
      failures
        .get(client)
        ?.find(
          (failed) =>
            clock.monotonic() - failed.at <= failureAgeMaxMilliseconds &&
            secrets.sameTag(failed.tag, tag),
        )?.refusal,
    ...proofsUnderWay(),
    begin: (at) => {
      const wait = clients.take(keyOf(at))
      if (wait !== undefined) return wait
      const networkWait = networks.take(networkOf(at.network))
      if (networkWait !== undefined) clients.giveBack(keyOf(at))
      return networkWait
    },
    giveBack: (at) => {
      clients.giveBack(keyOf(at))
      networks.giveBack(networkOf(at.network))
    },
    failed: ({ client, tag, refusal }) => {
      const known = failures.get(client) ?? []
      const failed = { tag, refusal, at: clock.monotonic() }
      failures.set(client, [...known, failed].slice(-failuresPerClientMax))
    },
    slowly: lane.slowly,
    slowLane: lane.vitals,
    forget: (client) => {
      if (client === undefined) failures.clear()
      else failures.delete(client)
    },
  }
}

function allowance(failuresMax: number): Allowance {
  return { burst: failuresMax, perSecond: failuresMax / refillSeconds }
}

/** As many as there are requests under way, and no more. */
function proofsUnderWay(): Pick<Attempts, 'prove' | 'proving'> {
  const running = new Map<string, Promise<unknown>>()
  return {
    prove: async (proof, work) => {
      const key = keyOfProof(proof)
      const outcome = work()
      running.set(key, outcome)
      try {
        return await outcome
      } finally {
        if (running.get(key) === outcome) running.delete(key)
      }
    },
    proving: (proof) => running.get(keyOfProof(proof)),
  }
}

function slowLane() {
  let waiting = 0
  let refusedCount = 0
  let last: Promise<unknown> = Promise.resolve()
  const slowly: Attempts['slowly'] = async (work) => {
    if (waiting >= slowLaneMax) {
      refusedCount += 1
      return undefined
    }
    waiting += 1
    const turn = last.then(work).finally(() => {
      waiting -= 1
    })
    last = turn.catch(() => undefined)
    return turn
  }
  const vitals = (): LaneVitals => {
    const running = Math.min(waiting, 1)
    return { width: 1, running, queued: waiting - running, refusedCount }
  }
  return { slowly, vitals }
}

// The client id is as it was claimed, so it is cut: a key must not be as long as a body.
function keyOf({ client, network }: Attempted): string {
  return `${client.slice(0, 64)} ${networkOf(network)}`
}

function keyOfProof({ client, tag }: Proof): string {
  return `${client} ${tag.join()}`
}

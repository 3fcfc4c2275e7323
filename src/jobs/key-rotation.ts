import type { Milliseconds } from '../domain/time.ts'
import { milliseconds } from '../domain/time.ts'
import type { KeyPorts } from '../management/signing-keys.ts'
import { rotateDueSigningKeys } from '../management/signing-keys.ts'
import type { Events } from '../ports/events.ts'
import type { Act } from '../storage/tx.ts'

type Needs = KeyPorts & {
  /** The server itself, now. */
  readonly act: () => Act
  readonly events: Events
}

/** Rotates what is due now and then, in every process. Returns how to stop. */
export function startKeyRotation(needs: Needs): () => Promise<void> {
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = running.then(async () => rotateDueKeys(needs))
  }, everyOf(needs))
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}

/**
 * Rotates what is due as soon as it is asked to: an API may want an algorithm that there is
 * no key for. Asked again and again, it looks once more after it is done, and not each time.
 */
export function rotationOnDemand(needs: Needs): () => void {
  let isBusy = false
  let isAsked = false
  const keep = async (): Promise<void> => {
    isBusy = true
    while (isAsked) {
      isAsked = false
      await rotateDueKeys(needs)
    }
    isBusy = false
  }
  return () => {
    isAsked = true
    if (!isBusy) void keep()
  }
}

const [leastMilliseconds, mostMilliseconds] = [500, 60_000]

/** Often enough that a key signs for little longer than it should. */
function everyOf({ rules }: Needs): Milliseconds {
  const tenth = (rules.interval * 1000) / 10
  return milliseconds(Math.min(Math.max(tenth, leastMilliseconds), mostMilliseconds))
}

/**
 * Does what the keys need now. A process that holds another key-encryption key leaves that to the
 * others: that it is not ready says so already.
 */
export async function rotateDueKeys(needs: Needs): Promise<void> {
  try {
    await rotateDueSigningKeys(needs, needs.act())
  } catch (error) {
    needs.events.record({ kind: 'key_rotation_failed', error })
  }
}

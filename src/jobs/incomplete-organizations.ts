import { completeOrganizations } from '../management/incomplete-organizations.ts'
import type { ManagementPorts } from '../management/ports.ts'
import type { Events } from '../ports/events.ts'
import type { Act } from '../storage/tx.ts'
import { hourly } from './hourly.ts'

type Needs = Pick<ManagementPorts, 'db' | 'random'> & {
  readonly events: Events
  /** The server itself, now. */
  readonly act: () => Act
}

/**
 * Completes what a program of before made. An hour later again: during an upgrade the last old process
 * outlives the start of the last new one.
 */
export function startCompletion(needs: Needs): () => Promise<void> {
  return hourly(async () => complete(needs))
}

async function complete({ events, act, ...ports }: Needs): Promise<void> {
  try {
    await completeOrganizations(ports, act())
  } catch (error) {
    events.record({ kind: 'completion_failed', error })
  }
}

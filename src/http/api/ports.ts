/**
 * The management API: the nouns over HTTP. A route is a value; the router serves it, and the OpenAPI
 * document, the reference page and the table of who may do what are written from it.
 */
import type { PeoplePorts } from '../../management/ports.ts'
import type { KeyPorts } from '../../management/signing-keys.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Events } from '../../ports/events.ts'

/** What the routes call. A part that needs more adds it here, and house.ts gives it. */
export type ApiPorts = PeoplePorts & {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly events: Events
  /** The signing keys; the command line has commands of its own for them. */
  readonly keys?: KeyPorts
}

import type { PersonId } from '../domain/id.ts'
import type { Seconds } from '../domain/time.ts'

/** The email as it was claimed, and the address it was claimed from. */
export type SignIn = { readonly email: string; readonly network: string }

/** How often people are let try. */
export type SignIns = {
  /**
   * Begins a try. It counts as a failure for this email at this network, and more loosely of the
   * network, until it is given back. If there were too many: how long to wait.
   */
  readonly begin: (at: SignIn) => Seconds | undefined
  /** A try that succeeded, or of which nobody could tell. */
  readonly giveBack: (at: SignIn) => void
  /** The same for a second factor, wherever it is tried from: whoever gets there knows the password. */
  readonly beginCode: (person: PersonId) => Seconds | undefined
  readonly giveBackCode: (person: PersonId) => void
}

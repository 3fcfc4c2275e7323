import type { Phc } from '../domain/credential.ts'
import type { Password } from '../domain/password.ts'

export type Passwords = {
  readonly hash: (password: Password) => Promise<Phc>
  /**
   * Whether a password fits, in a lane of its own. Where there is no hash or no password to compare,
   * nothing fits, and that takes as long.
   * Throws `Unavailable` when too many wait already.
   */
  readonly verify: (hash: Phc | undefined, password: Password | undefined) => Promise<boolean>
}

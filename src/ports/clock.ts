/**
 * The doorways: types only, and only where there is more than one implementation (the real one and
 * a test's, or one that wraps another). What passes through them is in the words of the domain.
 */
import type { Milliseconds, NumericDate } from '../domain/time.ts'

export type Clock = {
  readonly now: () => NumericDate
  /** The wall clock. Jumps when it is set; goes on while the process is stopped or suspended. */
  readonly wall: () => Milliseconds
  /** Never jumps back; may stand still while the machine is suspended. */
  readonly monotonic: () => Milliseconds
}

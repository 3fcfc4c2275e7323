/**
 * How true the memory of this process is. `fresh`: as of at most 1.5 s ago. `stale`: the database is
 * away, but was heard within MAX_STALE.
 */
export type Freshness = {
  readonly state: () => 'fresh' | 'stale' | 'too_old'
  /**
   * Joins one round with the database when memory is no longer fresh, and says what it is then.
   * Throws `Unavailable` when it is too old to be used.
   */
  readonly ensure: () => Promise<'fresh' | 'stale'>
}

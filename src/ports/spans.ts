/** A piece of work that whoever follows a request wants to see. */
export type Work =
  | 'argon2 verify'
  | 'read client'
  | 'read group'
  | 'read role'
  | 'read api'
  | 'read organization'
  | 'join change log round'

/** Shows work as a part of the request that it is done for, where somebody traces that request. */
export type Spans = {
  readonly within: <Value>(work: Work, done: () => Promise<Value>) => Promise<Value>
}

import type { Peers } from './peers.ts'
import type { Load } from './processes.ts'
import type { Section } from './report.ts'

/** Undoes something, once: stops a server, drops a database, removes a folder. */
export type Undo = () => Promise<unknown>

/** Has something undone when all is over, the last first, however it ends. */
export type After = (undo: Undo) => void

/** How long things are measured for. */
export type Pace = {
  readonly rounds: number
  /** The length of a window. */
  readonly milliseconds: number
  readonly warmUpMilliseconds: number
  /** Less of everything: to see that it works. */
  readonly quick: boolean
}

/** Where a scene is played. What it sets up it has undone `after` it. */
export type Stage = {
  readonly load: Load
  readonly peers: Peers
  /** The program `countersign`, built. */
  readonly program: string
  /** The PostgreSQL server. */
  readonly serverUrl: string
  readonly pace: Pace
  readonly after: After
  readonly tell: (line: string) => void
}

/** One question, and how it is answered. */
export type Scene = {
  readonly name: string
  readonly play: (stage: Stage) => Promise<Section>
}

import { accounts } from './scenes/accounts.ts'
import { cold } from './scenes/cold.ts'
import { flood } from './scenes/flood.ts'
import { jwks } from './scenes/jwks.ts'
import { management } from './scenes/management.ts'
import { overload } from './scenes/overload.ts'
import { processes } from './scenes/processes.ts'
import { start } from './scenes/start.ts'
import { warm } from './scenes/warm.ts'
import type { Scene } from './stage.ts'

/** In the order in which they are played: what matters most comes first. */
export const scenes: readonly Scene[] = [
  warm,
  jwks,
  start,
  cold,
  flood,
  overload,
  processes,
  accounts,
  management,
]

import type { ConfigProblem } from '../config/reading.ts'
import { problemText } from '../config.ts'
import { refuse } from '../domain/result.ts'

export type SettingsRefusal = {
  readonly reason: 'settings_wrong'
  readonly problems: readonly string[]
}

/** Refuses what config.ts found wrong with the environment, all at once. */
export function settingsWrong(problems: readonly ConfigProblem[]) {
  return settingsRefused(...problems.map(problemText))
}

export function settingsRefused(...problems: readonly string[]) {
  return refuse({ reason: 'settings_wrong', problems } satisfies SettingsRefusal)
}

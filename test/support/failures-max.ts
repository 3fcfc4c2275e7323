import type { FailuresMax } from '../../src/memory/attempts.ts'

/** As many failed attempts as the settings allow by default. */
export const failuresMax: FailuresMax = { perClient: 10, perNetwork: 200 }

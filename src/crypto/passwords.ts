import { verify } from 'argon2'
import type { Passwords } from '../ports/passwords.ts'
import type { LaneVitals } from '../ports/vitals.ts'
import { lanes } from './lanes.ts'
import type { Argon2Cost } from './phc.ts'
import { phcOf } from './phc.ts'

/** What OWASP asks for passwords, which people choose and others guess: 19 MiB, twice. */
const passwordCost = {
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  hashLength: 32,
} satisfies Argon2Cost

const passwordHash =
  /^\$argon2id\$v=19\$m=19456,(?:t=2,p=1|p=1,t=2)\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/

/** Random bits instead of a hash, of the same form and cost. Nothing fits it. */
const decoy =
  '$argon2id$v=19$m=19456,t=2,p=1$0qsm9A2FuohuW0MOjFe+8g$QuIB2me50YIg4A1FQarmImhfjgArKEWEy1q58G1P3S4'

/**
 * One at a time: a hash takes as long as forty of a client secret, and of the four threads that Node
 * has for such work the token plane needs the others.
 */
const width = 1
/** The last in the queue waits for about half a second. */
const queueMax = 20

export type LanedPasswords = Passwords & { readonly lane: () => LaneVitals }

export function passwords(): LanedPasswords {
  const { run, vitals } = lanes({ width, queueMax })
  return {
    hash: (password) => run(() => phcOf(password, passwordCost)),
    verify: async (phc, password) => {
      const isOurs = phc !== undefined && passwordHash.test(phc)
      const fits = await run(() => verify(isOurs ? phc : decoy, password ?? ''))
      return fits && isOurs && password !== undefined
    },
    lane: vitals,
  }
}

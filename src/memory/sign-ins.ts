import type { Clock } from '../ports/clock.ts'
import type { SignIn, SignIns } from '../ports/sign-ins.ts'
import { limiter, networkOf } from './limiter.ts'

const perMinute = 1 / 60
const perHour = perMinute / 60

/**
 * A person who mistypes has ten tries, and then one a minute; a network, behind which many people may
 * sit, has a hundred, and ten a minute. What is guessed from elsewhere is counted elsewhere, so that
 * nobody can lock another out. A code has a million values and three are good at a time: ten wrong
 * ones, then ten an hour, are a chance of one in a thousand in a day and a half of guessing.
 */
const allowances = {
  email: { burst: 10, perSecond: perMinute },
  network: { burst: 100, perSecond: 10 * perMinute },
  code: { burst: 10, perSecond: 10 * perHour },
} as const

/** What is counted is counted by each process for itself, and forgotten when it ends. */
export function signIns(clock: Clock): SignIns {
  const emails = limiter(allowances.email, clock)
  const networks = limiter(allowances.network, clock)
  const codes = limiter(allowances.code, clock)
  return {
    begin: (at) => {
      const wait = emails.take(keyOf(at))
      if (wait !== undefined) return wait
      const networkWait = networks.take(networkOf(at.network))
      if (networkWait !== undefined) emails.giveBack(keyOf(at))
      return networkWait
    },
    giveBack: (at) => {
      emails.giveBack(keyOf(at))
      networks.giveBack(networkOf(at.network))
    },
    beginCode: codes.take,
    giveBackCode: codes.giveBack,
  }
}

function keyOf({ email, network }: SignIn): string {
  return `${email} ${networkOf(network)}`
}

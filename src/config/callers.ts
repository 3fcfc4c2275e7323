import { z } from 'zod'
import { parsed, whole } from './setting.ts'

const oneNetwork = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
const networksMax = 100
/** Addresses, and networks in CIDR notation. */
const networks = parsed(
  `at most ${networksMax} addresses and networks with commas between them, such as \`10.0.0.0/8, fd00::1\``,
  (text) => {
    const named = text
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '')
    const isRight =
      named.length <= networksMax && named.every((each) => oneNetwork.safeParse(each).success)
    return isRight ? named : undefined
  },
)

/** What is asked of callers, and believed about them. */
export const callerSettings = {
  TRUSTED_PROXIES: networks
    .optional()
    .describe(
      'The proxies in front, whose `X-Forwarded-For` says where a request came from. Failed attempts are counted by that address.',
    ),
  FAILURES_PER_CLIENT: whole(1, 1_000_000)
    .prefault('10')
    .describe(
      'How many failed attempts at one client from one network a process answers in 10 seconds before it slows them down.',
    ),
  FAILURES_PER_NETWORK: whole(1, 1_000_000)
    .prefault('200')
    .describe('The same for all attempts from one network, an IPv4 address or an IPv6 /64.'),
}

export type CallerConfig = {
  /** Addresses, and networks in CIDR notation. */
  readonly trustedProxies: readonly string[]
  /** In 10 seconds. */
  readonly failuresPerClientMax: number
  readonly failuresPerNetworkMax: number
}

export function callerConfig(given: {
  readonly TRUSTED_PROXIES?: readonly string[] | undefined
  readonly FAILURES_PER_CLIENT: number
  readonly FAILURES_PER_NETWORK: number
}): CallerConfig {
  return {
    trustedProxies: given.TRUSTED_PROXIES ?? [],
    failuresPerClientMax: given.FAILURES_PER_CLIENT,
    failuresPerNetworkMax: given.FAILURES_PER_NETWORK,
  }
}

import type { Network } from '../protocol/network-address.ts'
import { parseNetwork } from '../protocol/network-address.ts'
import { parsed, whole } from './setting.ts'

const networksMax = 100
const mappedNetwork = /^[0:]*:ffff:[^/]+\//i

/** Addresses, and networks in CIDR notation. */
const networks = parsed(
  `at most ${networksMax} addresses and networks with commas between them, such as \`10.0.0.0/8, fd00::1\``,
  (text) => {
    const named = namesIn(text)
    const read = named.flatMap((each) => parseNetwork(each) ?? [])
    return named.length <= networksMax && read.length === named.length ? read : undefined
  },
  (text) =>
    namesIn(text).some((each) => mappedNetwork.test(each))
      ? 'without networks inside IPv6 that are of IPv4: `10.0.0.0/8`, not `::ffff:10.0.0.0/104`'
      : undefined,
)

function namesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

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
  readonly trustedProxies: readonly Network[]
  /** In 10 seconds. */
  readonly failuresPerClientMax: number
  readonly failuresPerNetworkMax: number
}

export function callerConfig(given: {
  readonly TRUSTED_PROXIES?: readonly Network[] | undefined
  readonly FAILURES_PER_CLIENT: number
  readonly FAILURES_PER_NETWORK: number
}): CallerConfig {
  return {
    trustedProxies: given.TRUSTED_PROXIES ?? [],
    failuresPerClientMax: given.FAILURES_PER_CLIENT,
    failuresPerNetworkMax: given.FAILURES_PER_NETWORK,
  }
}

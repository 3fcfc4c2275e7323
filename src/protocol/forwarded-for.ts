import type { Network, NetworkAddress } from './network-address.ts'
import { isWithin, parseNetworkAddress } from './network-address.ts'

const hopsMax = 16
const withPort = /^(?:\[(?<ipv6>[^\]]*)\]|(?<ipv4>[\d.]+))(?::\d{1,5})?$/

/**
 * The address of whoever called, as far as those on the way are trusted.
 *
 * Each proxy adds the address that it was called from at the right end of `X-Forwarded-For`. So it
 * is read from the right, beginning with the connection itself, for as long as the one who wrote an
 * entry is trusted; what stands further left, anybody can have written. An entry that is no address
 * ends the walk at the last one that could be read.
 */
export function callerAddress(
  connectedFrom: string,
  forwardedFor: string | undefined,
  trusted: readonly Network[],
): string {
  let caller = parseNetworkAddress(connectedFrom)
  if (caller === undefined) return connectedFrom
  let end = forwardedFor?.length ?? 0
  for (let hops = 0; hops < hopsMax && end > 0 && isTrusted(caller, trusted); hops += 1) {
    const comma = (forwardedFor ?? '').lastIndexOf(',', end - 1)
    const next = parseHop((forwardedFor ?? '').slice(comma + 1, end))
    if (next === undefined) break
    caller = next
    end = comma
  }
  return caller.text
}

function isTrusted(address: NetworkAddress, trusted: readonly Network[]): boolean {
  return trusted.some((network) => isWithin(address, network))
}

/** Some proxies add the port. */
function parseHop(entry: string): NetworkAddress | undefined {
  const text = entry.trim()
  const { ipv6, ipv4 } = withPort.exec(text)?.groups ?? {}
  return parseNetworkAddress(ipv6 ?? ipv4 ?? text)
}

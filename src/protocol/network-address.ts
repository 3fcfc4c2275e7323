/** An IPv4 address as 4 numbers of 8 bits, or an IPv6 address as 8 of 16, and its one way to be written. */
export type NetworkAddress = { readonly text: string; readonly parts: readonly number[] }

/** The addresses that begin with the same bits. RFC 4632 §3.1, RFC 4291 §2.3. */
export type Network = { readonly address: NetworkAddress; readonly prefixBits: number }

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const ipv6Characters = /^[\da-f:.]{2,45}$/i
const prefix = /^(?:0|[1-9]\d{0,2})$/

/** An IPv4 address inside an IPv6 one (`::ffff:192.0.2.7`) is that IPv4 address. RFC 4291 §2.5.5.2. */
export function parseNetworkAddress(text: string): NetworkAddress | undefined {
  if (ipv4.test(text)) return { text, parts: text.split('.').map(Number) }
  if (!ipv6Characters.test(text) || !text.includes(':')) return undefined
  // The one parser and writer of IPv6 that every runtime has.
  const written = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1)
  if (written === undefined) return undefined
  const parts = ipv6Parts(written)
  return embeddedIpv4(parts) ?? { text: written, parts }
}

/** An address alone is the network of that one address. */
export function parseNetwork(text: string): Network | undefined {
  const [written = '', bits, more] = text.split('/')
  const address = parseNetworkAddress(written)
  if (address === undefined || more !== undefined) return undefined
  const bitsMax = address.parts.length * bitsPerPart(address)
  if (bits === undefined) return { address, prefixBits: bitsMax }
  // A prefix counts from the left of what is written, and the address was rewritten.
  if (bitsMax === 32 && written.includes(':')) return undefined
  const prefixBits = prefix.test(bits) ? Number(bits) : Infinity
  return prefixBits <= bitsMax ? { address, prefixBits } : undefined
}

export function isWithin({ parts }: NetworkAddress, { address, prefixBits }: Network): boolean {
  if (parts.length !== address.parts.length) return false
  const size = bitsPerPart(address)
  return parts.every((part, index) => {
    const others = Math.min(size, Math.max(0, (index + 1) * size - prefixBits))
    return part >> others === (address.parts[index] ?? 0) >> others
  })
}

function bitsPerPart({ parts }: NetworkAddress): number {
  return parts.length === 4 ? 8 : 16
}

function ipv6Parts(written: string): readonly number[] {
  const [head = [], tail = []] = written
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16))
}

function embeddedIpv4(ipv6: readonly number[]): NetworkAddress | undefined {
  const [high = 0, low = 0] = ipv6.slice(6)
  const isMapped = ipv6.slice(0, 5).every((part) => part === 0) && ipv6[5] === 0xff_ff
  const parts = [high >> 8, high & 0xff, low >> 8, low & 0xff]
  return isMapped ? { text: parts.join('.'), parts } : undefined
}

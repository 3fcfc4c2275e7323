import { withoutPasswords } from '../telemetry/fault.ts'

/** Why nobody answered, in words for the person at the terminal, if that is known. */
export function networkFaultText(fault: unknown): string | undefined {
  // A name can stand for several addresses; Node tells how each of them went.
  if (fault instanceof AggregateError) {
    const words = fault.errors.map(networkFaultText)
    return [...new Set(words)].filter((one) => one !== undefined).join(', ')
  }
  if (!(fault instanceof Error)) return undefined
  switch (faultCode(fault)) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `nothing listens at ${placeOf(fault)}`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no address for the host ${member(fault, 'hostname')}`
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'the connection was closed'
    default:
      return otherText(fault)
  }
}

function otherText({ message }: Error): string {
  return /time(?:d |-)?out/i.test(message) ? 'no answer in time' : withoutPasswords(message)
}

export function faultCode(fault: unknown): string {
  return fault instanceof Error ? member(fault, 'code') : ''
}

/** A port of a host, or a socket in the file system. */
function placeOf(fault: Error): string {
  const [address, port] = [member(fault, 'address'), member(fault, 'port')]
  if (port === '') return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function member(fault: Error, name: string): string {
  const value: unknown = Reflect.get(fault, name)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

import type { Server } from 'node:http'

export type Address = { readonly host: string; readonly port: number }

export type ListenRefusal = Address & {
  readonly reason: 'address_unavailable'
  /** What the system said, such as `EADDRINUSE`. */
  readonly code: string
  /** The settings that choose the address. */
  readonly settings: AddressSettings
}

export type AddressSettings = readonly [host: string, port: string]

/** Begins to listen; the refusal is that the address cannot be had. */
export async function listenAt(
  server: Server,
  { host, port }: Address,
  settings: AddressSettings,
): Promise<ListenRefusal | undefined> {
  const fault = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(port, host, () => resolve(undefined))
  })
  if (fault === undefined) return undefined
  const code = fault.code ?? fault.message
  return { reason: 'address_unavailable', code, settings, host, port }
}

export function listenRefusalText({ host, port, code, settings }: ListenRefusal): string {
  const why = code === 'EADDRINUSE' ? 'another process is listening there' : code
  return `cannot listen on ${host}:${port}: ${why}. ${settings.join(' and ')} choose another address.`
}

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** A TCP proxy in front of a database, by which the way to it is made bad. */
export type DatabaseProxy = {
  readonly port: number
  /** Where new connections lead from now on. */
  readonly pointTo: (port: number) => void
  /** All is well again; but connections that knew a black hole stay silent for ever. */
  readonly pass: () => Promise<void>
  /** Whatever is sent arrives later, in each direction. */
  readonly delay: (toDatabase: number, fromDatabase: number) => void
  /** New connections are refused; those that are there stay. */
  readonly refuse: () => void
  /** Cuts connections: all, or those whose application is called so. */
  readonly cut: (application?: string) => void
  /** The same at once and every so many milliseconds. */
  readonly cutEvery: (milliseconds: number, application?: string) => void
  /** Takes connections and data, and does nothing with them; nor with the connections that are there. */
  readonly blackhole: () => void
  readonly close: () => Promise<void>
}

type Way = { delay: number; lastDue: number }
type Link = {
  readonly client: Socket
  readonly upstream: Socket
  application: string
  silent: boolean
}

export async function openDatabaseProxy(target: number): Promise<DatabaseProxy> {
  let upstreamPort = target
  let swallowing = false
  const delays = { up: 0, down: 0 }
  let cutting: NodeJS.Timeout | undefined
  const links = new Set<Link>()

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: upstreamPort, host: '127.0.0.1', noDelay: true })
    const link: Link = { client, upstream, application: '', silent: swallowing }
    links.add(link)
    const end = () => {
      links.delete(link)
      client.destroy()
      upstream.destroy()
    }
    client.once('data', (chunk: Buffer) => (link.application = applicationOf(chunk)))
    carry(client, upstream, link, () => delays.up)
    carry(upstream, client, link, () => delays.down)
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
  })
  const carry = (from: Socket, to: Socket, link: Link, delay: () => number) => {
    const way: Way = { delay: 0, lastDue: 0 }
    from.on('data', (chunk: Buffer) => {
      if (link.silent) return
      const now = performance.now()
      way.lastDue = Math.max(now + delay(), way.lastDue)
      if (way.lastDue <= now) to.write(chunk)
      else setTimeout(() => to.writable && to.write(chunk), way.lastDue - now)
    })
  }
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const cut: DatabaseProxy['cut'] = (application) => {
    const chosen = [...links].filter(
      (link) => application === undefined || link.application === application,
    )
    for (const { client, upstream } of chosen) {
      client.resetAndDestroy()
      upstream.destroy()
    }
  }
  return {
    port,
    pointTo: (to) => void (upstreamPort = to),
    pass: async () => {
      swallowing = false
      clearInterval(cutting)
      Object.assign(delays, { up: 0, down: 0 })
      if (!server.listening) await listen(port)
    },
    delay: (up, down) => void Object.assign(delays, { up, down }),
    refuse: () => void server.close(),
    cut,
    cutEvery: (milliseconds, application) => {
      cut(application)
      cutting = setInterval(() => cut(application), milliseconds)
    },
    blackhole: () => {
      swallowing = true
      for (const link of links) link.silent = true
    },
    close: async () => {
      clearInterval(cutting)
      cut()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}

/** The startup message of PostgreSQL is names and values, each ended by a zero. */
function applicationOf(startup: Buffer): string {
  const words = startup.subarray(8).toString('latin1').split('\0')
  return words[words.indexOf('application_name') + 1] ?? ''
}

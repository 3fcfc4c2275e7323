import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request } from 'node:http'
import { once } from 'node:events'

export type HttpProxy = {
  readonly url: string
  readonly close: () => Promise<void>
}

type Backend = { readonly origin: string; readonly agent: Agent }

/**
 * The plainest proxy there is: to each server in turn, over connections that it keeps, and it asks
 * nobody how they are. If a server refuses the connection nothing was sent, so the next one gets the
 * request. Whatever else goes wrong is a 502 that names it: a request may have been at work.
 */
export async function openHttpProxy(origins: readonly string[]): Promise<HttpProxy> {
  const backends = origins.map((origin) => ({ origin, agent: new Agent({ keepAlive: true }) }))
  let turn = 0
  const server = createServer((incoming, outgoing) => {
    turn += 1
    const first = turn % backends.length
    void passOn(incoming, outgoing, [...backends.slice(first), ...backends.slice(0, first)])
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      backends.forEach(({ agent }) => agent.destroy())
      await closed
    },
  }
}

async function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  backends: readonly Backend[],
): Promise<void> {
  const body: Buffer[] = []
  for await (const chunk of incoming) body.push(chunk as Buffer)
  for (const backend of backends) {
    const outcome = await attempt(backend, incoming, { body: Buffer.concat(body), outgoing })
    if (outcome === undefined) return
    if (outcome !== 'ECONNREFUSED') {
      outgoing.writeHead(502).end(outcome)
      return
    }
  }
  outgoing.writeHead(502).end('every server refused the connection')
}

/** What went wrong, if anything did before the answer began. */
async function attempt(
  { origin, agent }: Backend,
  { method, url, headers }: IncomingMessage,
  { body, outgoing }: { readonly body: Buffer; readonly outgoing: ServerResponse },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const { connection: _, 'transfer-encoding': __, ...passed } = headers
    const onward = { ...passed, 'content-length': body.length }
    const asking = request(`${origin}${url ?? '/'}`, { method, agent, headers: onward })
    asking.on('response', (answer) => {
      const { connection: ___, 'keep-alive': ____, ...own } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, own)
      answer.pipe(outgoing)
      answer.on('end', () => resolve(undefined))
      answer.on('error', () => {
        outgoing.destroy()
        resolve(undefined)
      })
    })
    asking.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    asking.end(body)
  })
}

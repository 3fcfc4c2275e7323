import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Address, ListenRefusal } from './address.ts'
import { listenAt } from './address.ts'

export type MetricsServer = { readonly close: () => Promise<void> }

// Those who scrape are few and near, and ask for one small thing.
const limits = {
  headersTimeout: 5000,
  requestTimeout: 5000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 8192,
}
const connectionsMax = 20
/** The text format of Prometheus. */
const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Answers `GET /metrics`, and nothing else, at an address of its own: whoever reaches the public
 * port must not see how the server is. It is not behind what sheds load, for it has to tell of it.
 */
export async function listenForScrapes(
  text: () => Promise<string>,
  at: Address,
): Promise<Result<MetricsServer, ListenRefusal>> {
  const scrape = oneAtATime(text)
  const server = createServer(limits, ({ method, url = '' }, outgoing) => {
    if (method === 'GET' && url.split('?')[0] === '/metrics') void answer(outgoing, scrape)
    else outgoing.writeHead(404, { 'content-length': 0, connection: 'close' }).end()
  })
  server.maxConnections = connectionsMax
  const refusal = await listenAt(server, at, ['METRICS_HOST', 'METRICS_PORT'])
  if (refusal !== undefined) return refuse(refusal)
  return accept({
    close: async () => {
      const end = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await end
    },
  })
}

async function answer(outgoing: ServerResponse, text: () => Promise<string>): Promise<void> {
  try {
    const body = await text()
    outgoing.writeHead(200, { 'content-type': contentType })
    outgoing.end(body)
  } catch {
    outgoing.writeHead(500, { 'content-length': 0 }).end()
  }
}

/** Who asks while a text is being written gets that one. */
function oneAtATime(text: () => Promise<string>): () => Promise<string> {
  let running: Promise<string> | undefined
  return async () => {
    running ??= text().finally(() => {
      running = undefined
    })
    return running
  }
}

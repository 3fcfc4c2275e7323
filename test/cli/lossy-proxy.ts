import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'

/** What becomes of an answer that the server has given. */
export type Loss = 'all' | 'end' | 'gateway'

export type LossyProxy = {
  readonly url: string
  /** Every request that came, with its body. */
  readonly asked: readonly Asked[]
  /** To where it passes on. */
  readonly lead: (origin: string) => void
  /** Loses the answers to what fits, so many times. */
  readonly lose: (loss: Loss, fits: string, times?: number) => void
  readonly close: () => Promise<void>
}

export type Asked = {
  /** Such as `POST /api/v1/me`. */
  readonly line: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A way to a server on which answers get lost after the server has done what was asked. */
export async function openLossyProxy(): Promise<LossyProxy> {
  let origin = ''
  let losing = { loss: 'all' as Loss, fits: '', left: 0 }
  const asked: Asked[] = []
  const server = createServer((incoming, outgoing) => {
    void exchange(incoming, outgoing)
  })
  const exchange = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { line, body, answer } = await passOn(incoming, origin)
    asked.push({ line, headers: incoming.headers, body })
    const isLost = losing.left > 0 && line.includes(losing.fits)
    if (isLost) losing = { ...losing, left: losing.left - 1 }
    give(outgoing, answer, isLost ? losing.loss : undefined)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    lead: (to) => void (origin = to),
    lose: (loss, fits, times = 1) => void (losing = { loss, fits, left: times }),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

async function passOn(incoming: IncomingMessage, origin: string) {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  const body = Buffer.concat(parts).toString('utf8')
  const { method = 'GET', url = '/' } = incoming
  const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers
  const response = await fetch(`${origin}${url}`, {
    method,
    headers: headers as Record<string, string>,
    ...(body === '' ? {} : { body }),
  })
  // Of this connection, and not of the other.
  const own = Object.fromEntries(response.headers)
  for (const name of ['connection', 'content-length', 'transfer-encoding']) delete own[name]
  const bytes = Buffer.from(await response.arrayBuffer())
  const answer: Answer = { status: response.status, headers: own, body: bytes }
  return { line: `${method} ${url}`, body, answer }
}

const beforeCutMilliseconds = 100

function give(outgoing: ServerResponse, { status, headers, body }: Answer, loss?: Loss): void {
  if (loss === 'all') outgoing.destroy()
  else if (loss === 'gateway') outgoing.writeHead(502).end('no answer from the server')
  else if (loss === 'end') {
    outgoing.writeHead(status, { ...headers, 'content-length': body.length })
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)))
    // What has come is read before the end of the connection is noticed.
    setTimeout(() => outgoing.destroy(), beforeCutMilliseconds)
  } else outgoing.writeHead(status, headers).end(body)
}

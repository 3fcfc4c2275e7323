import { Agent, request } from 'node:http'
import type { TestClient } from './fixtures.ts'

export type TokenLoad = {
  /** Stops asking; tells what the answers were, and how often. */
  readonly stop: () => Promise<Readonly<Record<string, number>>>
  /** How many were answered so far. */
  readonly count: () => number
}

/** Several callers that ask for tokens one after the other, over connections that they keep. */
export function startTokenLoad(url: string, client: TestClient, callers: number): TokenLoad {
  const stopping = new AbortController()
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const seen: Record<string, number> = {}
  let count = 0
  const loops = Array.from({ length: callers }, async () => {
    while (!stopping.signal.aborted) {
      const outcome = await ask(url, client, agent)
      seen[outcome] = (seen[outcome] ?? 0) + 1
      count += 1
    }
  })
  return {
    count: () => count,
    stop: async () => {
      stopping.abort()
      await Promise.all(loops)
      agent.destroy()
      return seen
    },
  }
}

/** `200`, or the status and what was said with it, or why there is no answer. */
async function ask(url: string, client: TestClient, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const asking = request(`${url}/oauth2/token`, {
      method: 'POST',
      agent,
      auth: `${client.id}:${client.secret}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    asking.on('response', (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
      const status = answer.statusCode ?? 0
      answer.on('end', () => resolve(status === 200 ? '200' : `${status} ${text}`))
      answer.on('error', () => resolve('the answer was cut'))
    })
    asking.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    asking.end('grant_type=client_credentials')
  })
}

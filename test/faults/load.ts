import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { Unavailable } from '../../src/domain/fault.ts'
import type { Description, Name } from '../../src/domain/name.ts'
import { createGroup } from '../../src/management/groups.ts'
import type { TestClient } from '../support/fixtures.ts'
import { accepted } from '../support/operator.ts'
import type { Scene } from './scene.ts'

/** Who asks: a client in memory, one that is not, one with a wrong secret, one that was disabled. */
export type Asker = 'known' | 'cold' | 'wrong' | 'ended'

export type Answer = {
  readonly asker: Asker
  readonly server: number
  /** 0 when nobody listened, or the connection was cut. */
  readonly status: number
  /** Empty if there was none. */
  readonly retryAfter: string
  readonly sentAt: number
  readonly milliseconds: number
}

export type Write = {
  readonly name: string
  readonly outcome: 'acknowledged' | 'unavailable'
  readonly sentAt: number
  readonly milliseconds: number
}

export type Load = {
  readonly answers: readonly Answer[]
  readonly writes: readonly Write[]
  /** Asks nothing more, and waits for all answers. */
  readonly stop: () => Promise<void>
}

const everyMilliseconds: Record<Asker, number> = { known: 50, cold: 120, wrong: 500, ended: 100 }
const writeEveryMilliseconds = 100
const answerWaitMilliseconds = 8000
let writes = 0

/** Requests by the clock, whatever the answers do, at all servers; and one writer. */
export function startLoad(scene: Scene, ended: TestClient): Load {
  const answers: Answer[] = []
  const written: Write[] = []
  const under: Promise<void>[] = []
  const agent = new Agent({ keepAlive: true })
  const [wrongOne] = scene.known
  const askers: Record<Asker, (turn: number) => TestClient> = {
    known: (turn) => turnOf(scene.known, turn),
    cold: (turn) => turnOf(scene.cold, turn),
    wrong: () => ({ id: wrongOne?.id ?? ended.id, secret: ended.secret }),
    ended: () => ended,
  }
  const timers = Object.entries(askers).flatMap(([name, clientOf]) => {
    const asker = name as Asker
    let turn = 0
    return setInterval(() => {
      turn += 1
      scene.servers.forEach(({ url }, server) => {
        under.push(
          (async () => {
            answers.push({ asker, server, ...(await ask(url, clientOf(turn + server), agent)) })
          })(),
        )
      })
    }, everyMilliseconds[asker])
  })
  const stopping = new AbortController()
  const writer = (async () => {
    while (!stopping.signal.aborted) {
      written.push(await write(scene))
      await pause(writeEveryMilliseconds)
    }
  })()
  return {
    answers,
    writes: written,
    stop: async () => {
      timers.forEach(clearInterval)
      stopping.abort()
      await writer
      await Promise.all(under)
      agent.destroy()
    },
  }
}

function turnOf(clients: readonly TestClient[], turn: number): TestClient {
  const client = clients[turn % clients.length]
  if (client === undefined) throw new Error('no clients')
  return client
}

/** One token request; an outcome in any case. */
export async function ask(
  url: string,
  client: TestClient,
  agent?: Agent,
): Promise<Omit<Answer, 'asker' | 'server'>> {
  const sentAt = performance.now()
  return new Promise((resolve) => {
    const end = (status: number, retryAfter = '') =>
      resolve({ status, retryAfter, sentAt, milliseconds: performance.now() - sentAt })
    const asking = request(`${url}/oauth2/token`, {
      method: 'POST',
      agent: agent ?? false,
      auth: `${client.id}:${client.secret}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      timeout: answerWaitMilliseconds,
    })
    asking.on('response', (answer) => {
      answer.resume()
      answer.on('end', () => end(answer.statusCode ?? 0, answer.headers['retry-after']))
      answer.on('error', () => end(0))
    })
    asking.on('timeout', () => asking.destroy())
    asking.on('error', () => end(0))
    asking.end('grant_type=client_credentials')
  })
}

// Long, so that a full disk is felt soon.
const description = 'x'.repeat(500) as Description

async function write({ ports, act, demo }: Scene): Promise<Write> {
  writes += 1
  const name = `Written ${writes}` as Name
  const sentAt = performance.now()
  let outcome: Write['outcome'] = 'acknowledged'
  try {
    accepted(
      await createGroup(ports, act(), {
        organization: demo.organization,
        name,
        description,
      }),
    )
  } catch (fault) {
    if (!(fault instanceof Unavailable)) throw fault
    outcome = 'unavailable'
  }
  return { name, outcome, sentAt, milliseconds: performance.now() - sentAt }
}

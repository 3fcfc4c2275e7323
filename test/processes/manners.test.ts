import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onPostgres } from '../support/database.ts'
import type { TestClient } from '../support/fixtures.ts'
import { requestToken } from '../support/fixtures.ts'
import type { Pair } from '../support/pair.ts'
import { openPair } from '../support/pair.ts'
import { startServerProcess } from '../support/processes.ts'

describe.runIf(onPostgres)('a server process', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair()
  })
  afterAll(async () => pair.close())

  it('writes JSON lines that carry the trace id of a refusal and its exact reason', async () => {
    const [server] = pair.servers
    const answer = await requestToken(
      { issuer: server.url },
      { ...pair.ci, secret: pair.terraform.secret },
    )
    const { trace_id: traceId } = (await answer.json()) as { trace_id: string }
    expect(answer.headers.get('trace-id')).toBe(traceId)
    await pause(100)
    expect(server.log().find((line) => line['trace_id'] === traceId)).toMatchObject({
      msg: 'token refused',
      client_id: pair.ci.id,
      reason: 'credential_unknown',
    })
  })

  it('never writes a secret or a token, wherever a caller puts it', async () => {
    const [server] = pair.servers
    const { secret } = pair.terraform
    const issuer = server.url
    const granted = await requestToken({ issuer }, pair.terraform)
    const { access_token: token } = (await granted.json()) as { access_token: string }
    await fetch(`${issuer}/oauth2/token?client_secret=${secret}`, { method: 'POST' })
    await fetch(`${issuer}/oauth2/${secret}`)
    await fetch(`${issuer}/${token}`)
    await requestToken({ issuer }, pair.terraform, { scope: secret })
    await requestToken({ issuer }, pair.terraform, { [secret]: 'x', resource: secret })
    await fetch(`${issuer}/oauth2/token`, {
      method: 'POST',
      headers: { 'user-agent': secret, authorization: `Bearer ${token}`, traceparent: secret },
      body: `grant_type=client_credentials&client_id=${secret}&client_secret=%zz${secret}`,
    })
    await pause(100)
    const written = JSON.stringify(server.log())
    expect(written).toContain('token refused')
    expect(written).not.toContain(secret)
    expect(written).not.toContain(token)
    expect(written).not.toContain(token.split('.')[1])
  })

  it('says that it is not ready before it lets go of the port', async () => {
    const server = await startServerProcess({ ...pair.wishes, env: { DRAIN_DELAY: '700ms' } })
    const exit = once(server.process, 'exit')
    server.process.kill('SIGTERM')
    await pause(200)
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(503)
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200)
    const answer = await requestToken({ issuer: server.url }, pair.terraform)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('connection')).toBe('close')
    expect((await exit)[0]).toBe(0)
  })

  it('ends on SIGTERM with 0, and loses no request of callers who heed that it is not ready', async () => {
    const server = await startServerProcess({ ...pair.wishes, env: { DRAIN_DELAY: '700ms' } })
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const heeded = new AbortController()
    const outcomes: (number | string)[] = []
    const callers = Array.from({ length: 8 }, async () => {
      while (!heeded.signal.aborted) {
        outcomes.push(await askOverSocket(server.url, pair.terraform, agent))
      }
    })
    await pause(300)
    const exit = once(server.process, 'exit')
    server.process.kill('SIGTERM')
    while ((await fetch(`${server.url}/health/ready`)).ok) await pause(50)
    heeded.abort()
    await Promise.all(callers)
    agent.destroy()
    expect((await exit)[0]).toBe(0)
    expect(outcomes.length).toBeGreaterThan(50)
    expect(new Set(outcomes)).toEqual(new Set([200]))
  })
})

/** The status of one token request, or why there is none. */
async function askOverSocket(
  url: string,
  client: TestClient,
  agent: Agent,
): Promise<number | string> {
  return new Promise((resolve) => {
    const asking = request(`${url}/oauth2/token`, {
      method: 'POST',
      agent,
      auth: `${client.id}:${client.secret}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    asking.on('response', (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
      answer.on('error', () => resolve('response cut'))
    })
    asking.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message)
    })
    asking.end('grant_type=client_credentials')
  })
}

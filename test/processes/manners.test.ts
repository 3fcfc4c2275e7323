import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { onPostgres } from '../support/database.ts'
import { requestToken } from '../support/fixtures.ts'
import { copyProgram } from '../support/newer-program.ts'
import type { Pair } from '../support/pair.ts'
import { openPair } from '../support/pair.ts'
import { lineOf, startServerProcess } from '../support/processes.ts'

/** A copy of this program that lacks a file of the management API. */
async function brokenProgram(): Promise<string> {
  const folder = await copyProgram()
  onTestFinished(async () => rm(folder, { recursive: true }))
  await rm(join(folder, 'src/http/api/roles.ts'))
  return join(folder, 'bin/countersign.js')
}

describe.runIf(onPostgres)('a server process', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair()
  })
  afterAll(async () => pair.close())

  it('writes JSON lines that carry the trace id of a refusal and its exact reason [195]', async () => {
    const [server] = pair.servers
    const answer = await requestToken(
      { issuer: server.url },
      { ...pair.ci, secret: pair.terraform.secret },
    )
    const { trace_id: traceId } = (await answer.json()) as { trace_id: string }
    expect(answer.headers.get('trace-id')).toBe(traceId)
    expect(await lineOf(server, (line) => line['trace_id'] === traceId)).toMatchObject({
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
    // What it tells of the last request comes after everything else.
    const last = await requestToken({ issuer }, { ...pair.ci, secret })
    const { trace_id: traceId } = (await last.json()) as { trace_id: string }
    await lineOf(server, (line) => line['trace_id'] === traceId)
    const written = JSON.stringify(server.log())
    expect(written).toContain('token refused')
    expect(written).not.toContain(secret)
    expect(written).not.toContain(token)
    expect(written).not.toContain(token.split('.')[1])
  })
  it('says by itself that its installation is broken, and gives out tokens', async () => {
    const server = await startServerProcess({ ...pair.wishes, bin: await brokenProgram() })
    onTestFinished(async () => void (await server.stop()))
    const line = await lineOf(server, ({ room }) => room === 'api')
    expect(line).toMatchObject({ level: 'error', msg: 'a part of the server cannot be loaded' })
    expect(JSON.stringify(line)).toContain('roles.ts')
    expect((await requestToken({ issuer: server.url }, pair.terraform)).status).toBe(200)
    expect((await fetch(`${server.url}/api/v1/me`)).status).toBe(500)
  })
})

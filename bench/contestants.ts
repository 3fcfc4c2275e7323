import type { BenchClient, BenchDatabase } from './database.ts'
import type { Stream } from './job.ts'
import type { RunningServer, ServerStart } from './processes.ts'
import { startServer } from './processes.ts'
import { tokenRequest } from './request.ts'
import type { After, Stage } from './stage.ts'

/** A server that is measured, and what it is asked. */
export type Contestant = Pick<Stream, 'requests' | 'answers'> & {
  readonly name: string
  readonly server: RunningServer
  /** Where the keys are that verify its tokens. */
  readonly jwksPath: string
}

/** The one client of each server but ours. */
export const oneClient: BenchClient = {
  id: 'sa_01k00000000000000000000000',
  secret: 'a-secret-of-about-the-length-of-those-that-countersign-generates-a',
}

export const countersignTokenPath = '/oauth2/token'

/** Countersign as it is deployed: its own command, its default settings, its log written. */
export async function startCountersign(
  { program, after }: Pick<Stage, 'program' | 'after'>,
  database: BenchDatabase,
  start: Pick<ServerStart, 'cores' | 'isUp'> = {},
): Promise<Contestant> {
  const server = await startServer(program, {
    args: ['serve'],
    env: {
      ISSUER: 'http://127.0.0.1',
      DATABASE_URL: database.url,
      KEY_ENCRYPTION_KEY: database.keyEncryptionKey,
      // No load balancer has to notice that it ends.
      DRAIN_DELAY: '0s',
    },
    ...start,
  })
  after(server.stop)
  return {
    name: 'Countersign, PostgreSQL',
    server,
    // Asked for nothing, it works out and states everything that the account holds.
    requests: database.clients.map((client) => tokenRequest(countersignTokenPath, client)),
    answers: 'tokens',
    jwksPath: '/.well-known/jwks.json',
  }
}

/** The least that a token endpoint can do on Hono. */
export async function startCeiling(after: After): Promise<Contestant> {
  return startTokenEndpoint('ceiling/hono.ts', 'the ceiling: Hono', after)
}

/** The least that a token endpoint can do on node:http. */
export async function startNodeCeiling(after: After): Promise<Contestant> {
  return startTokenEndpoint('ceiling/node.ts', 'the same on node:http', after)
}

async function startTokenEndpoint(script: string, name: string, after: After): Promise<Contestant> {
  const server = await startServer(script, { args: [oneClient.id, oneClient.secret] })
  after(server.stop)
  return {
    name,
    server,
    requests: [tokenRequest(countersignTokenPath, oneClient)],
    answers: 'tokens',
    jwksPath: '/jwks',
  }
}

import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchClient, BenchDatabase } from './database.ts'
import type { RunningServer } from './processes.ts'
import { startServer } from './processes.ts'

/** A server that is measured. */
export type Contestant = {
  readonly name: string
  readonly server: RunningServer
  /** Whole HTTP requests for a token, sent in turn. */
  readonly requests: readonly string[]
  /** Where the keys are that verify its tokens. */
  readonly jwksPath: string
  readonly stop: () => Promise<void>
}

export const oidcProviderVersion = '9.13.3'

const oneClient: BenchClient = {
  id: 'sa_01k00000000000000000000000',
  secret: 'a-secret-of-about-the-length-of-those-that-countersign-generates-a',
}
const scoped = 'grant_type=client_credentials&scope=deployments%3Aread+deployments%3Awrite'

/** Countersign as it is deployed: its own command, its default settings, its log written. */
export async function startCountersign(database: BenchDatabase): Promise<Contestant> {
  const server = await startServer('../bin/countersign.js', {
    args: ['serve'],
    env: {
      ISSUER: 'http://127.0.0.1',
      DATABASE_URL: database.url,
      KEY_ENCRYPTION_KEY: database.keyEncryptionKey,
    },
  })
  return {
    name: 'Countersign, PostgreSQL',
    server,
    // Asked for nothing, it works out and states everything that the account holds.
    requests: database.clients.map((client) => tokenRequest('/oauth2/token', client, grantOnly)),
    jwksPath: '/.well-known/jwks.json',
    stop: server.stop,
  }
}

const grantOnly = 'grant_type=client_credentials'

export async function startCeiling(): Promise<Contestant> {
  const server = await startServer('ceiling.ts', { args: [oneClient.id, oneClient.secret] })
  return {
    name: 'the ceiling',
    server,
    requests: [tokenRequest('/oauth2/token', oneClient, grantOnly)],
    jwksPath: '/jwks',
    stop: server.stop,
  }
}

/** Installs node-oidc-provider into a folder of its own, for as long as it is measured. */
export async function startOidcProvider(): Promise<Contestant> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'))
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }')
    const wanted = `oidc-provider@${oidcProviderVersion}`
    const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', wanted], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (status !== 0) throw new Error(`${wanted} could not be installed`)
    const args = [folder, oneClient.id, oneClient.secret]
    const server = await startServer('node-oidc-provider.ts', { args })
    return {
      name: `node-oidc-provider ${oidcProviderVersion}, in memory`,
      server,
      requests: [tokenRequest('/token', oneClient, scoped)],
      jwksPath: '/jwks',
      stop: async () => server.stop().then(() => rm(folder, { recursive: true })),
    }
  } catch (error) {
    await rm(folder, { recursive: true })
    throw error
  }
}

/** What the load generator itself can do. */
export async function startBare(): Promise<Pick<Contestant, 'server' | 'requests'>> {
  const server = await startServer('bare.ts', {})
  return { server, requests: [tokenRequest('/', oneClient, grantOnly)] }
}

function tokenRequest(path: string, { id, secret }: BenchClient, body: string): string {
  const credentials = Buffer.from(`${id}:${secret}`).toString('base64')
  return [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1:8080',
    'User-Agent: bench',
    'Accept: application/json',
    `Authorization: Basic ${credentials}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/**
 * Other servers, from npm. Each is installed into a folder of its own for as long as the bench runs,
 * with the program of `peers/` that sets it up as its documentation says.
 */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import type { Contestant } from './contestants.ts'
import { oneClient } from './contestants.ts'
import { createDatabase } from './database.ts'
import { startServer } from './processes.ts'
import { grantOnly, tokenRequest } from './request.ts'
import type { After, Stage } from './stage.ts'

type Peer = {
  readonly name: string
  readonly script: string
  readonly packages: readonly string[]
  readonly tokenPath: string
  readonly jwksPath: string
  readonly form: string
  readonly needsDatabase?: boolean
}

const scoped = `${grantOnly}&scope=deployments%3Aread+deployments%3Awrite`
const resource = '&resource=https%3A%2F%2Fdeploy.example.com'

const oidcProvider = {
  script: 'node-oidc-provider.mjs',
  packages: ['oidc-provider@9.13.3', 'pg@8.23.1'],
  tokenPath: '/token',
  jwksPath: '/jwks',
  form: scoped,
}

const peers = {
  oidcProvider: { ...oidcProvider, name: 'node-oidc-provider 9.13.3, memory' },
  oidcProviderPostgres: {
    ...oidcProvider,
    name: 'node-oidc-provider 9.13.3, PostgreSQL',
    needsDatabase: true,
  },
  jmondi: {
    name: '@jmondi/oauth2-server 4.3.7 on express, memory',
    script: 'jmondi-oauth2-server.mjs',
    packages: ['@jmondi/oauth2-server@4.3.7', 'express@5.3.0', 'jsonwebtoken@9.0.3'],
    tokenPath: '/token',
    jwksPath: '/jwks',
    form: scoped,
  },
  betterAuth: {
    name: 'better-auth oauth-provider 1.7.5, memory',
    script: 'better-auth.mjs',
    // The plugin takes these of its relatives; left to itself, npm takes newer ones that disagree.
    packages: [
      'better-auth@1.7.5',
      '@better-auth/core@1.7.5',
      '@better-auth/oauth-provider@1.7.5',
      '@better-auth/utils@0.4.2',
    ],
    tokenPath: '/api/auth/oauth2/token',
    jwksPath: '/api/auth/jwks',
    form: `${scoped}${resource}`,
  },
} as const satisfies Record<string, Peer>

export type PeerName = keyof typeof peers

export function titleOf(name: PeerName): string {
  return peers[name].name
}

export type Peers = {
  /** Starts one; nothing, if it cannot be installed or does not start, and why is told. */
  readonly start: (
    name: PeerName,
    stage: Pick<Stage, 'serverUrl' | 'after' | 'tell'>,
  ) => Promise<Contestant | undefined>
}

/** Folders are removed `after` the whole run: several scenes may need a peer. */
export function openPeers(after: After, wanted: boolean): Peers {
  const installed = new Map<string, Promise<string>>()
  return {
    start: async (name, stage) => {
      const peer: Peer = peers[name]
      if (!wanted) return undefined
      const folder = installed.get(peer.script) ?? install(peer, after)
      installed.set(peer.script, folder)
      try {
        return await startPeer(peer, await folder, stage)
      } catch (error) {
        stage.tell(`${peer.name} is left out: ${String(error).slice(0, 700)}`)
        return undefined
      }
    },
  }
}

async function install({ script, packages }: Peer, after: After): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'))
  after(async () => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await copyFile(join(import.meta.dirname, 'peers', script), join(folder, script))
  const how = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
  await runCommand(['npm', 'install', '--fetch-retries=1', ...how, ...packages], folder, after)
  return folder
}

async function startPeer(
  { name, script, tokenPath, jwksPath, form, needsDatabase = false }: Peer,
  folder: string,
  { serverUrl, after }: Pick<Stage, 'serverUrl' | 'after'>,
): Promise<Contestant> {
  const env = needsDatabase ? { DATABASE_URL: await createDatabase({ serverUrl, after }) } : {}
  const args = [oneClient.id, oneClient.secret]
  const server = await startServer(join(folder, script), { args, env })
  after(server.stop)
  const requests = [tokenRequest(tokenPath, oneClient, form)]
  return { name, server, requests, answers: 'tokens', jwksPath }
}

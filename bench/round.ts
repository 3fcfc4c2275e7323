import type { JSONWebKeySet } from 'jose'
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { Contestant } from './contestants.ts'
import type { StreamResult } from './job.ts'
import type { Latency, Rate, Turn } from './measure.ts'
import { latencyOf, rateOf } from './measure.ts'
import type { Load } from './processes.ts'

/** The figures of one server in one round. */
export type Figures = Rate & Latency & { /** MiB, after the load. */ readonly memory: number }

/** A contestant, what it has issued so far, and its figures round by round. */
export type Player = {
  readonly contestant: Contestant
  issued: number
  readonly rounds: Figures[]
}

export function playerOf(contestant: Contestant): Player {
  return { contestant, issued: 0, rounds: [] }
}

export const openLoopPerSecond = 200
const connectionsUsual = 32
const turnMilliseconds = 500

type How = {
  readonly milliseconds: number
  /** Without it, as many as are answered. */
  readonly perSecond?: number
  readonly connections?: number
}

/** A window at saturation and one at the fixed rate, for each player. */
export async function playRound(
  load: Load,
  players: readonly Player[],
  milliseconds: number,
): Promise<void> {
  const saturated = await playTurns(load, players, { milliseconds })
  const steady = await playTurns(load, players, { milliseconds, perSecond: openLoopPerSecond })
  for (const player of players) {
    const memory = await player.contestant.server.memory()
    const [atMost, atRate] = [saturated.get(player) ?? [], steady.get(player) ?? []]
    player.rounds.push({ ...rateOf(atMost), ...latencyOf(atRate), memory })
  }
}

/**
 * A window for each player. Windows are cut into turns, so that what else the machine does for some
 * seconds falls on all players alike.
 */
export async function playTurns(
  load: Load,
  players: readonly Player[],
  how: How,
): Promise<ReadonlyMap<Player, readonly Turn[]>> {
  const played = new Map(players.map((player) => [player, [] as Turn[]]))
  const turns = Math.ceil(how.milliseconds / turnMilliseconds)
  for (let turn = 0; turn < turns; turn += 1) {
    // Every time another one begins, so that none always follows the same neighbour.
    const first = turn % players.length
    for (const player of [...players.slice(first), ...players.slice(0, first)]) {
      played.get(player)?.push(await play(load, player, { ...how, milliseconds: turnMilliseconds }))
    }
  }
  return played
}

/** Puts load on a server that answers all of it, and verifies some of the tokens it gave. */
export async function play(
  load: Load,
  player: Player,
  { milliseconds, ...pace }: How,
): Promise<Turn> {
  const { server, requests, answers } = player.contestant
  const before = await server.spent()
  const stream = { requests, answers, connections: connectionsUsual, ...pace }
  const [result] = await load.run({ ports: server.ports, streams: [stream], milliseconds })
  const after = await server.spent()

  if (result === undefined) throw new Error('the load did not say what came')
  nothingElse(player.contestant.name, result)
  if (answers === 'tokens') await verify(player.contestant, result.samples)
  player.issued += result.latencies.length
  return {
    milliseconds: result.milliseconds,
    latencies: result.latencies,
    cpu: after.cpu - before.cpu,
    waiting: after.waiting - before.waiting,
  }
}

function nothingElse(name: string, { others, example = '' }: StreamResult): void {
  if (Object.keys(others).length === 0) return
  throw new Error(`${name} answered ${JSON.stringify(others)}\n${example.slice(0, 1000)}`)
}

export async function verify(
  { server, jwksPath }: Pick<Contestant, 'server' | 'jwksPath'>,
  tokens: readonly string[],
): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.ports[0]}${jwksPath}`)
  const keys = createLocalJWKSet((await response.json()) as JSONWebKeySet)
  for (const token of tokens) await jwtVerify(token, keys, { algorithms: ['ES256'] })
  if (tokens.length === 0 || new Set(tokens).size < tokens.length) {
    throw new Error('the tokens are not all different')
  }
}

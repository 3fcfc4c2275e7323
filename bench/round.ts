import type { JSONWebKeySet } from 'jose'
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { Contestant } from './contestants.ts'
import type { Job } from './load.ts'
import type { Figures, Turn } from './measure.ts'
import { figuresOf } from './measure.ts'
import type { Load } from './processes.ts'

/** A contestant, what it has issued so far, and its figures round by round. */
export type Player = {
  readonly contestant: Contestant
  issued: number
  readonly rounds: Figures[]
}

const connections = 32
const openLoopPerSecond = 200
const turnMilliseconds = 500

/**
 * A window at saturation and one at the fixed rate, for each player. Windows are cut into turns, so
 * that what else the machine does for some seconds falls on all players alike.
 */
export async function playRound(
  load: Load,
  players: readonly Player[],
  milliseconds: number,
): Promise<void> {
  const turns = Math.ceil(milliseconds / turnMilliseconds)
  const saturated = await playTurns(load, players, turns, {})
  const steady = await playTurns(load, players, turns, { perSecond: openLoopPerSecond })
  for (const player of players) {
    const memory = await player.contestant.server.memory()
    const [atMost, atRate] = [saturated.get(player) ?? [], steady.get(player) ?? []]
    player.rounds.push(figuresOf(atMost, atRate, memory))
  }
}

type Pace = Pick<Job, 'perSecond'>

async function playTurns(
  load: Load,
  players: readonly Player[],
  count: number,
  pace: Pace,
): Promise<ReadonlyMap<Player, readonly Turn[]>> {
  const played = new Map(players.map((player) => [player, [] as Turn[]]))
  for (let turn = 0; turn < count; turn += 1) {
    // Every time another one begins, so that none always follows the same neighbour.
    const first = turn % players.length
    for (const player of [...players.slice(first), ...players.slice(0, first)]) {
      const how = { ...pace, milliseconds: turnMilliseconds }
      played.get(player)?.push(await play(load, player, how))
    }
  }
  return played
}

/** Puts load on a server, and verifies some of the tokens it gave. */
export async function play(
  load: Load,
  player: Player,
  how: Pace & Pick<Job, 'milliseconds'>,
): Promise<Turn> {
  const { server, requests, jwksPath } = player.contestant
  const before = await server.spent()
  const result = await load.run({ port: server.port, requests, connections, ...how })
  const after = await server.spent()

  player.issued += result.tokens
  await verify(result.samples, `http://127.0.0.1:${server.port}${jwksPath}`)
  const { tokens, milliseconds, latencies } = result
  const spent = { cpu: after.cpu - before.cpu, waiting: after.waiting - before.waiting }
  return { tokens, milliseconds, latencies, ...spent }
}

async function verify(tokens: readonly string[], jwksUrl: string): Promise<void> {
  const response = await fetch(jwksUrl)
  const keys = createLocalJWKSet((await response.json()) as JSONWebKeySet)
  for (const token of tokens) await jwtVerify(token, keys, { algorithms: ['ES256'] })
  if (tokens.length === 0 || new Set(tokens).size < tokens.length) {
    throw new Error('the tokens are not all different')
  }
}

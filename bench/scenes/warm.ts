/** What a token costs once clients are known, beside the least it can cost and beside other servers. */
import type { Contestant } from '../contestants.ts'
import { startCeiling, startCountersign, startNodeCeiling } from '../contestants.ts'
import { countRows, createBenchDatabase } from '../database.ts'
import { quotients, spreadOf } from '../measure.ts'
import type { PeerName } from '../peers.ts'
import { titleOf } from '../peers.ts'
import type { Load } from '../processes.ts'
import { startServer } from '../processes.ts'
import type { Reach } from '../report.ts'
import { spreadText, table } from '../report.ts'
import { getRequest } from '../request.ts'
import type { Figures, Player } from '../round.ts'
import { openLoopPerSecond, play, playRound, playerOf } from '../round.ts'
import type { Scene } from '../stage.ts'

export const warm: Scene = {
  name: 'warm',
  play: async (stage) => {
    const { load, pace, after, tell } = stage
    const database = await createBenchDatabase(stage)
    const ours = playerOf(await startCountersign(stage, database))
    const ceiling = playerOf(await startCeiling(after))
    const onNode = playerOf(await startNodeCeiling(after))
    const peers: (readonly [PeerName, Player])[] = []
    for (const name of peerNames) {
      const contestant: Contestant | undefined = await stage.peers.start(name, stage)
      if (contestant !== undefined) peers.push([name, playerOf(contestant)])
    }
    const players = [ours, ceiling, onNode, ...peers.map(([, player]) => player)]
    const reach = await reachOf(load, pace.milliseconds)

    const rowsBefore = await countRows(database.url)
    for (const player of players) {
      await play(load, player, { milliseconds: pace.warmUpMilliseconds })
    }
    for (let round = 1; round <= pace.rounds; round += 1) {
      await playRound(load, players, pace.milliseconds)
      const rates = players.map(({ rounds }) => rounds.at(-1)?.perSecond.toFixed(0))
      tell(`round ${round} of ${pace.rounds}: ${rates.join(', ')} tokens/s`)
    }
    const rows = (await countRows(database.url)) - rowsBefore
    return {
      name: 'warm',
      title: 'Tokens for known clients',
      how: `rounds: ${pace.rounds}, of ${pace.milliseconds / 1000} s at saturation and at ${openLoopPerSecond}/s`,
      lines: [
        ...figuresTable(players, ceiling),
        '',
        `The load generator alone reaches ${reach.toFixed(0)} requests/s.`,
        ...missing(peers.map(([name]) => name)),
        ...players.filter(isBehind).map(behindText),
      ],
      reaches: [
        ...besideCeiling(ours, ceiling),
        ...peers.map(([name, player]) => besidePeer(name, ours, player)),
        {
          what: 'memory after load, MiB',
          measured: spreadOf(figures(ours, 'memory')),
          digits: 0,
          atMost: 160,
        },
        {
          what: `rows added to all tables by ${ours.issued} tokens`,
          measured: spreadOf([rows]),
          digits: 0,
          atMost: 0,
        },
      ],
      waited: players.flatMap((player) => figures(player, 'waited')),
    }
  },
}

/** How many times what the other server issues. */
const atLeastTimes = { oidcProvider: 2.1, oidcProviderPostgres: 2.7, jmondi: 1.6, betterAuth: 8 }
const peerNames = Object.keys(atLeastTimes) as (keyof typeof atLeastTimes)[]

function figures({ rounds }: Player, key: keyof Figures): readonly number[] {
  return rounds.map((round) => round[key])
}

const columns: readonly (readonly [string, keyof Figures, number])[] = [
  ['tokens/s', 'perSecond', 0],
  ['CPU ms per token', 'cpuPerAnswer', 3],
  [`p50 ms at ${openLoopPerSecond}/s`, 'p50', 2],
  [`p99 ms at ${openLoopPerSecond}/s`, 'p99', 2],
  ['memory MiB', 'memory', 0],
]

function figuresTable(players: readonly Player[], ceiling: Player): readonly string[] {
  const shares: readonly (keyof Figures)[] = ['perSecond', 'cpuPerAnswer']
  const rows = players.map((player) => [
    player.contestant.name,
    ...columns.map(([, key, digits]) => spreadText(spreadOf(figures(player, key)), digits)),
    ...shares.map((key) =>
      quotients(figures(player, key), figures(ceiling, key)).median.toFixed(2),
    ),
  ])
  const names = columns.map(([name]) => name)
  return table(['server', ...names, 'tokens/s ÷ ceiling', 'CPU ÷ ceiling'], rows)
}

function besideCeiling(ours: Player, ceiling: Player): readonly Reach[] {
  const ratio = (key: keyof Figures) => quotients(figures(ours, key), figures(ceiling, key))
  return [
    { what: 'tokens/s ÷ the ceiling', measured: ratio('perSecond'), digits: 2, atLeast: 0.9 },
    { what: 'CPU ÷ the ceiling', measured: ratio('cpuPerAnswer'), digits: 2, atMost: 1.15 },
    { what: 'p50 ÷ the ceiling', measured: ratio('p50'), digits: 2, atMost: 1.2 },
    { what: 'p99 ÷ the ceiling', measured: ratio('p99'), digits: 2, atMost: 1.4 },
  ]
}

function besidePeer(name: keyof typeof atLeastTimes, ours: Player, peer: Player): Reach {
  return {
    what: `tokens/s ÷ ${peer.contestant.name}`,
    measured: quotients(figures(ours, 'perSecond'), figures(peer, 'perSecond')),
    digits: 2,
    atLeast: atLeastTimes[name],
  }
}

function missing(present: readonly PeerName[]): readonly string[] {
  const absent = peerNames.filter((name) => !present.includes(name))
  return absent.length === 0 ? [] : [`Left out in this run: ${absent.map(titleOf).join('; ')}.`]
}

function isBehind(player: Player): boolean {
  return spreadOf(figures(player, 'perSecond')).median < openLoopPerSecond
}

function behindText({ contestant }: Player): string {
  return `${contestant.name} does not reach ${openLoopPerSecond}/s: its p50 and p99 are those of a queue that grows.`
}

/** Requests a second of the load generator against a server that does nothing. */
async function reachOf(load: Load, milliseconds: number): Promise<number> {
  const server = await startServer('ceiling/sockets.ts', {})
  try {
    const stream = { requests: [getRequest('/')], answers: 'tokens', connections: 32 } as const
    const [result] = await load.run({ ports: server.ports, streams: [stream], milliseconds })
    return ((result?.latencies.length ?? 0) * 1000) / (result?.milliseconds ?? 0)
  } finally {
    await server.stop()
  }
}

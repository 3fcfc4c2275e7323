/** The published keys, beside a server that answers with the same bytes each time. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contestant } from '../contestants.ts'
import { startCountersign } from '../contestants.ts'
import { createBenchDatabase } from '../database.ts'
import type { Rate } from '../measure.ts'
import { quotients, rateOf, spreadOf } from '../measure.ts'
import { startServer } from '../processes.ts'
import { spreadText, table } from '../report.ts'
import { getRequest } from '../request.ts'
import type { Player } from '../round.ts'
import { play, playTurns, playerOf } from '../round.ts'
import type { After, Scene } from '../stage.ts'

export const jwks: Scene = {
  name: 'jwks',
  play: async (stage) => {
    const { load, pace, after, tell } = stage
    const countersign = await startCountersign(stage, await createBenchDatabase(stage))
    const ours = playerOf(askedForKeys(countersign))
    const fixed = playerOf(await startStatic(countersign, after))
    const peer = await stage.peers.start('oidcProvider', stage)
    const other = peer && playerOf(askedForKeys(peer))
    const players = other === undefined ? [ours, fixed] : [ours, fixed, other]
    for (const player of players) {
      await play(load, player, { milliseconds: pace.warmUpMilliseconds })
    }

    const rates = new Map(players.map((player) => [player, [] as Rate[]]))
    for (let round = 1; round <= pace.rounds; round += 1) {
      const turns = await playTurns(load, players, { milliseconds: pace.milliseconds })
      for (const player of players) rates.get(player)?.push(rateOf(turns.get(player) ?? []))
      tell(`round ${round} of ${pace.rounds}`)
    }
    const figures = (player: Player, key: keyof Rate) =>
      (rates.get(player) ?? []).map((rate) => rate[key])
    const times = (player: Player) =>
      quotients(figures(ours, 'perSecond'), figures(player, 'perSecond'))
    return {
      name: 'jwks',
      title: 'Published keys',
      how: `rounds: ${pace.rounds}, of ${pace.milliseconds / 1000} s at saturation`,
      lines: table(
        ['server', 'answers/s', 'CPU ms per answer'],
        players.map((player) => [
          player.contestant.name,
          spreadText(spreadOf(figures(player, 'perSecond')), 0),
          spreadText(spreadOf(figures(player, 'cpuPerAnswer')), 3),
        ]),
      ),
      reaches: [
        { what: 'answers/s ÷ the static body', measured: times(fixed), digits: 2, atLeast: 0.95 },
        ...(other === undefined
          ? []
          : [
              {
                what: `answers/s ÷ ${other.contestant.name}`,
                measured: times(other),
                digits: 2,
                atLeast: 2,
              },
            ]),
      ],
      waited: players.flatMap((player) => figures(player, 'waited')),
    }
  },
}

function askedForKeys(contestant: Contestant): Contestant {
  return { ...contestant, requests: [getRequest(contestant.jwksPath)], answers: 'keys' }
}

async function startStatic({ server, jwksPath }: Contestant, after: After): Promise<Contestant> {
  const response = await fetch(`http://127.0.0.1:${server.ports[0]}${jwksPath}`)
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'))
  after(async () => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'jwks.json')
  await writeFile(file, await response.text())
  const fixed = await startServer('ceiling/static.ts', { args: [file] })
  after(fixed.stop)
  return askedForKeys({
    name: 'the same bytes from Hono',
    server: fixed,
    requests: [],
    answers: 'keys',
    jwksPath: '/jwks',
  })
}

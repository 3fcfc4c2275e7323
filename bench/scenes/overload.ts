/** Twice as much comes as the server can answer, by the clock, over as many connections as it takes. */
import { startCountersign } from '../contestants.ts'
import { createBenchDatabase } from '../database.ts'
import type { StreamResult } from '../job.ts'
import type { Turn } from '../measure.ts'
import { latencyOf, rateOf, spreadOf } from '../measure.ts'
import { spreadText, table } from '../report.ts'
import { play, playerOf } from '../round.ts'
import type { Scene } from '../stage.ts'

const times = 2
/** So many that requests wait at the server and not at whoever sends them. */
const connections = 1000
const windowMilliseconds = 5000

export const overload: Scene = {
  name: 'overload',
  play: async (stage) => {
    const { load, pace, tell } = stage
    const milliseconds = pace.quick ? pace.milliseconds : windowMilliseconds
    const database = await createBenchDatabase(stage)
    const player = playerOf(await startCountersign(stage, database))
    const { requests, answers, server } = player.contestant
    await play(load, player, { milliseconds: pace.warmUpMilliseconds })

    const rounds: Round[] = []
    for (let round = 1; round <= pace.rounds; round += 1) {
      const saturated = await play(load, player, { milliseconds: pace.milliseconds })
      const perSecond = times * rateOf([saturated]).perSecond
      const stream = { requests, answers, connections, perSecond }
      const [result] = await load.run({ ports: server.ports, streams: [stream], milliseconds })
      if (result === undefined) throw new Error('the load did not say what came')
      rounds.push(roundOf(saturated, result))
      tell(
        `round ${round} of ${pace.rounds}: ${result.latencies.length} served, ${JSON.stringify(result.others)}`,
      )
    }
    const spread = (key: keyof Round) => spreadOf(rounds.map((round) => round[key]))
    return {
      name: 'overload',
      title: 'Twice the load that saturates',
      how:
        `rounds: ${pace.rounds}, of ${pace.milliseconds / 1000} s at saturation and ` +
        `${milliseconds / 1000} s at twice that, over ${connections} connections`,
      lines: table(
        ['tokens/s at saturation', 'tokens/s served', '503 with Retry-After /s'],
        [['saturation', 'served', 'shed'].map((key) => spreadText(spread(key as keyof Round), 0))],
      ),
      reaches: [
        { what: 'served ÷ saturation', measured: spread('share'), digits: 2, atLeast: 0.5 },
        { what: 'p99 of the served, ms', measured: spread('p99'), digits: 0, atMost: 100 },
        { what: 'answers of any other kind', measured: spread('other'), digits: 0, atMost: 0 },
      ],
      waited: rounds.map(({ waited }) => waited),
    }
  },
}

type Round = {
  /** Answers a second. */
  readonly saturation: number
  readonly served: number
  readonly shed: number
  readonly share: number
  readonly p99: number
  readonly other: number
  readonly waited: number
}

function roundOf(saturated: Turn, result: StreamResult): Round {
  const { perSecond: saturation, waited } = rateOf([saturated])
  const inSecond = (count: number) => (count * 1000) / result.milliseconds
  const served = inSecond(result.latencies.length)
  const { '503 with Retry-After': shed = 0, ...others } = result.others
  return {
    saturation,
    served,
    shed: inSecond(shed),
    share: served / saturation,
    p99: latencyOf([result]).p99,
    other: Object.values(others).reduce((total, count) => total + count, 0),
    waited,
  }
}

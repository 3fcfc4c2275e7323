/** Two processes over one database issue how many times as much as one, load generator included. */
import type { Contestant } from '../contestants.ts'
import { startCountersign } from '../contestants.ts'
import { createBenchDatabase } from '../database.ts'
import { quotients, rateOf, spreadOf } from '../measure.ts'
import type { RunningServer } from '../processes.ts'
import { bothCores, startLoad } from '../processes.ts'
import { spreadText, table } from '../report.ts'
import { play, playTurns, playerOf } from '../round.ts'
import type { Scene } from '../stage.ts'

const connections = 64

export const processes: Scene = {
  name: 'processes',
  play: async (stage) => {
    const { pace, after, tell } = stage
    const database = await createBenchDatabase(stage)
    // Here everybody has both cores, the load generator too.
    const load = startLoad(bothCores)
    after(load.stop)
    const first = await startCountersign(stage, database, { cores: bothCores })
    const second = await startCountersign(stage, database, { cores: bothCores })
    const [one, two] = [playerOf(first), playerOf(both(first, second))]
    for (const player of [one, two]) {
      await play(load, player, { milliseconds: pace.warmUpMilliseconds, connections })
    }

    const rates = { one: [] as number[], two: [] as number[] }
    const issuedBefore = one.issued + two.issued
    const { cpu: cpuBefore } = await load.spent()
    for (let round = 1; round <= pace.rounds; round += 1) {
      const how = { milliseconds: pace.milliseconds, connections }
      const turns = await playTurns(load, [one, two], how)
      rates.one.push(rateOf(turns.get(one) ?? []).perSecond)
      rates.two.push(rateOf(turns.get(two) ?? []).perSecond)
      tell(
        `round ${round} of ${pace.rounds}: ${rates.one.at(-1)?.toFixed(0)}, ${rates.two.at(-1)?.toFixed(0)} tokens/s`,
      )
    }
    const cpu = (await load.spent()).cpu - cpuBefore
    const cpuPerToken = cpu / (one.issued + two.issued - issuedBefore)
    return {
      name: 'processes',
      title: 'One process and two',
      how: `rounds: ${pace.rounds}, of ${pace.milliseconds / 1000} s at saturation, ${connections} connections`,
      lines: [
        ...table(
          ['processes', 'tokens/s'],
          [
            ['1', spreadText(spreadOf(rates.one), 0)],
            ['2', spreadText(spreadOf(rates.two), 0)],
          ],
        ),
        '',
        `The load generator took ${cpuPerToken.toFixed(3)} ms of CPU for each token.`,
      ],
      reaches: [
        {
          what: 'tokens/s of two processes ÷ one',
          measured: quotients(rates.two, rates.one),
          digits: 2,
          atLeast: 1.7,
        },
      ],
      // With the load on the same cores they wait for each other: that is not disturbance.
      waited: [],
    }
  },
}

/** Two servers that share the load. */
function both(first: Contestant, second: Contestant): Contestant {
  const servers = [first.server, second.server]
  const spent: RunningServer['spent'] = async () => {
    const parts = await Promise.all(servers.map(async (server) => server.spent()))
    const sum = (part: 'cpu' | 'waiting') => parts.reduce((total, each) => total + each[part], 0)
    return { cpu: sum('cpu'), waiting: sum('waiting') }
  }
  const memory = async () => {
    const parts = await Promise.all(servers.map(async (server) => server.memory()))
    return parts.reduce((total, each) => total + each, 0)
  }
  const ports = servers.flatMap((server) => server.ports)
  return { ...first, server: { ...first.server, ports, spent, memory } }
}

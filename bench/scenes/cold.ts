/** Many clients come at once to a server that was just restarted and knows none of them. */
import { addAccounts } from '../accounts.ts'
import { countersignTokenPath, startCountersign } from '../contestants.ts'
import { createBenchDatabase } from '../database.ts'
import { latencyOf, spreadOf } from '../measure.ts'
import { table } from '../report.ts'
import { tokenRequest } from '../request.ts'
import { openLoopPerSecond, verify } from '../round.ts'
import type { Scene } from '../stage.ts'

const clientsMany = 10_000
const clientsQuick = 1000
const cpuSecondsAtMost = 15

export const cold: Scene = {
  name: 'cold',
  play: async (stage) => {
    const clients = stage.pace.quick ? clientsQuick : clientsMany
    const database = await createBenchDatabase(stage)
    const known = await addAccounts(database, { accounts: clients, known: clients })
    const countersign = await startCountersign(stage, database)
    const { server } = countersign
    const atStart = await server.spent()
    const [result] = await stage.load.run({
      ports: server.ports,
      milliseconds: (clients * 1000) / openLoopPerSecond,
      streams: [
        {
          requests: known.map((client) => tokenRequest(countersignTokenPath, client)),
          answers: 'tokens',
          connections: 32,
          perSecond: openLoopPerSecond,
        },
      ],
    })
    if (result === undefined) throw new Error('the load did not say what came')
    if (result.example !== undefined) stage.tell(result.example)
    await verify(countersign, result.samples)
    const { cpu, waiting } = await server.spent()
    const { p50, p99 } = latencyOf([result])
    return {
      name: 'cold',
      title: 'Clients that come after a restart',
      how: `the first request of each of ${clients} clients, ${openLoopPerSecond} a second`,
      lines: table(
        ['tokens', 'CPU-seconds of the start', 'p50 ms', 'p99 ms', 'memory MiB'],
        [
          [
            String(result.latencies.length),
            (atStart.cpu / 1000).toFixed(1),
            p50.toFixed(1),
            p99.toFixed(1),
            (await server.memory()).toFixed(0),
          ],
        ],
      ),
      reaches: [
        {
          what: 'CPU-seconds of the server since its start',
          measured: spreadOf([cpu / 1000]),
          digits: 1,
          atMost: cpuSecondsAtMost,
        },
        {
          what: 'good requests that got no token',
          measured: spreadOf([clients - result.latencies.length]),
          digits: 0,
          atMost: 0,
        },
      ],
      waited: [(waiting - atStart.waiting) / result.milliseconds],
    }
  },
}

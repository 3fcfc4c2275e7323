/** Wrong secrets come beside good traffic. They have the right form: only their hash says no. */
import type { KnownClient } from '../accounts.ts'
import { addAccounts } from '../accounts.ts'
import { countersignTokenPath, startCountersign } from '../contestants.ts'
import { createBenchDatabase } from '../database.ts'
import type { Stream, StreamResult } from '../job.ts'
import { latencyOf, spreadOf } from '../measure.ts'
import type { RunningServer } from '../processes.ts'
import type { Reach } from '../report.ts'
import { spreadText, table } from '../report.ts'
import { tokenRequest } from '../request.ts'
import type { Scene } from '../stage.ts'

const perSecond = 100
const windowMilliseconds = 5000
const regulars = 200

const oneAddress = ['127.0.0.2']
const manyAddresses = Array.from({ length: 50 }, (_, index) => `127.0.0.${index + 2}`)

/** Where the bad secrets come from, and whether the good clients have been here before. */
const kinds = [
  { name: 'bad ones from one address', from: oneAddress, areRegulars: true },
  { name: 'bad ones from 50 addresses', from: manyAddresses, areRegulars: true },
  { name: 'the same, good ones new to the server', from: manyAddresses, areRegulars: false },
] as const

export const flood: Scene = {
  name: 'flood',
  play: async (stage) => {
    const { load, pace, tell } = stage
    const milliseconds = pace.quick ? 2000 : windowMilliseconds
    const aWindow = (milliseconds / 1000) * perSecond
    const database = await createBenchDatabase(stage)
    const all = regulars + pace.rounds * aWindow
    const known = await addAccounts(database, { accounts: all, known: all })
    const { server } = await startCountersign(stage, database)
    const run = async (...streams: readonly Stream[]) =>
      load.run({ ports: server.ports, streams, milliseconds })
    const regular = known.slice(0, regulars)
    // Each comes often enough to be known, and the server to be warm.
    for (let time = 0; time < 3; time += 1) await run(good(regular))

    const rounds: Round[] = []
    for (let round = 0; round < pace.rounds; round += 1) {
      const firstNew = regulars + round * aWindow
      for (const { name, from, areRegulars } of kinds) {
        const clients = areRegulars ? regular : known.slice(firstNew, firstNew + aWindow)
        const before = await server.spent()
        const [ours, theirs] = await run(good(clients), bad(regular, from, aWindow))
        if (ours === undefined || theirs === undefined) throw new Error('a stream is missing')
        const waited = await waitedSince(server, before.waiting, milliseconds)
        rounds.push({ name, waited, ...roundOf(ours, theirs) })
        tell(`${name}: good ${JSON.stringify(ours.others)}, bad ${JSON.stringify(theirs.others)}`)
      }
    }
    return {
      name: 'flood',
      title: 'Wrong secrets beside good traffic',
      how: `rounds: ${pace.rounds}, of ${milliseconds / 1000} s, ${perSecond} good and ${perSecond} bad requests a second`,
      lines: table(
        [`good and bad, ${perSecond}/s each`, 'p50 ms of the good', 'answers to the bad'],
        kinds.map(({ name }) => rowOf(name, rounds)),
      ),
      reaches: kinds.flatMap(({ name }) => reachesOf(name, rounds)),
      waited: rounds.map(({ waited }) => waited),
    }
  },
}

type Round = {
  readonly name: string
  readonly p50: number
  readonly p99: number
  /** Good requests that got no token. */
  readonly lost: number
  readonly refusals: Readonly<Record<string, number>>
  readonly waited: number
}

function good(clients: readonly KnownClient[]): Stream {
  const requests = clients.map((client) => tokenRequest(countersignTokenPath, client))
  return { requests, answers: 'tokens', connections: 16, perSecond, from: ['127.0.0.1'] }
}

/** No wrong secret comes twice: a failure that is remembered needs no hash. */
function bad(clients: readonly KnownClient[], from: readonly string[], count: number): Stream {
  const requests = Array.from({ length: count }, (_, index) => {
    const { id = '', wrongSecret } = clients[index % clients.length] ?? {}
    return tokenRequest(countersignTokenPath, { id, secret: wrongSecret?.() ?? '' })
  })
  return { requests, answers: 'tokens', connections: manyAddresses.length, perSecond, from }
}

function roundOf(ours: StreamResult, theirs: StreamResult): Omit<Round, 'name' | 'waited'> {
  if (theirs.latencies.length > 0) throw new Error('a wrong secret got a token')
  const lost = Object.values(ours.others).reduce((total, count) => total + count, 0)
  return { ...latencyOf([ours]), lost, refusals: theirs.others }
}

async function waitedSince(
  server: RunningServer,
  before: number,
  milliseconds: number,
): Promise<number> {
  return ((await server.spent()).waiting - before) / milliseconds
}

function rowOf(name: string, rounds: readonly Round[]): readonly string[] {
  const its = rounds.filter((round) => round.name === name)
  const refusals: Record<string, number> = {}
  for (const [kind, count] of its.flatMap((round) => Object.entries(round.refusals))) {
    refusals[kind] = (refusals[kind] ?? 0) + count
  }
  const told = Object.entries(refusals).map(([kind, count]) => `${count} × ${kind}`)
  return [name, spreadText(spreadOf(its.map(({ p50 }) => p50)), 1), told.join(', ')]
}

function reachesOf(name: string, rounds: readonly Round[]): readonly Reach[] {
  const its = rounds.filter((round) => round.name === name)
  return [
    {
      what: `p99 ms of the good, ${name}`,
      measured: spreadOf(its.map(({ p99 }) => p99)),
      digits: 1,
      atMost: 10,
    },
    {
      what: `good requests lost, ${name}`,
      measured: spreadOf(its.map(({ lost }) => lost)),
      digits: 0,
      atMost: 0,
    },
  ]
}

/**
 * `npm run bench`: how many tokens a second one core issues, and what a token costs, beside the
 * least that such an endpoint can cost on this machine at this moment. See docs/performance.md.
 */
import { execSync } from 'node:child_process'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { Contestant } from './contestants.ts'
import { startBare, startCeiling, startCountersign, startOidcProvider } from './contestants.ts'
import type { BenchDatabase } from './database.ts'
import { createBenchDatabase } from './database.ts'
import type { Load } from './processes.ts'
import { canPin, startLoad } from './processes.ts'
import { reportText, writeReport } from './report.ts'
import type { Player } from './round.ts'
import { play, playRound } from './round.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    'without-peer': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const milliseconds = Math.max(3, Number(options.seconds)) * 1000
const rounds = Number(options.rounds)
// Compiling what turned out to be hot goes on for seconds, beside the work.
const warmUpMilliseconds = 10_000
const serverUrl =
  process.env['BENCH_DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'

if (!canPin) throw new Error('needs Linux with taskset (util-linux): it reads /proc and pins cores')

const cleanUp: (() => Promise<void>)[] = []
try {
  await bench()
} finally {
  for (const step of cleanUp.toReversed()) await step()
}

async function bench(): Promise<void> {
  const database = await createBenchDatabase(serverUrl)
  cleanUp.push(database.drop)
  const load = startLoad()
  cleanUp.push(load.stop)
  const players: readonly Player[] = (await startContestants(database)).map((contestant) => ({
    contestant,
    issued: 0,
    rounds: [],
  }))
  const loadReach = await reachOf(load)

  const rowsBefore = await database.countRows()
  tell('warming up')
  for (const player of players) await play(load, player, { milliseconds: warmUpMilliseconds })
  for (let round = 1; round <= rounds; round += 1) {
    await playRound(load, players, milliseconds)
    const rates = players.map((player) => player.rounds.at(-1)?.tokensPerSecond.toFixed(0))
    tell(`round ${round} of ${rounds}: ${rates.join(', ')} tokens/s`)
  }
  const rowsAdded = (await database.countRows()) - rowsBefore
  const machine = { ...machineFacts(), database: database.version }
  const text = reportText({ players, machine, loadReach, rowsAdded, milliseconds })
  process.stdout.write(`\n${text}\n`)
  if (options.write) await writeReport(text)
}

async function startContestants(database: BenchDatabase): Promise<readonly Contestant[]> {
  const makers = [() => startCountersign(database), startCeiling]
  if (!options['without-peer']) makers.push(startOidcProvider)
  const contestants: Contestant[] = []
  for (const make of makers) {
    const contestant = await make()
    cleanUp.push(contestant.stop)
    contestants.push(contestant)
  }
  return contestants
}

/** Requests a second of the load generator against a server that does nothing. */
async function reachOf(load: Load): Promise<number> {
  const { server, requests } = await startBare()
  try {
    const job = { port: server.port, requests, connections: 32, milliseconds }
    const result = await load.run(job)
    return (result.tokens * 1000) / result.milliseconds
  } finally {
    await server.stop()
  }
}

function machineFacts() {
  const [core] = cpus()
  return {
    cpu: core?.model.trim() ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    kernel: execSync('uname -sr', { encoding: 'utf8' }).trim(),
    date: new Date().toISOString().slice(0, 10),
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

/**
 * `npm run timing`: whether the time of an answer tells what was wrong with a client or its secret.
 * Every kind of failure is asked for in random order, one request at a time over one
 * connection, and compared with a wrong secret: the AUC is the chance that a failure of the one
 * kind takes longer than one of the other, so 0.5 means that time tells nothing. Exits with 1 if any
 * is outside 0.45 to 0.55. Failures are counted by address, so it says that it is a proxy for many.
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createBenchDatabase } from './database.ts'
import type { Failure, Presented } from './failures.ts'
import { makeFailures, wrong } from './failures.ts'
import { startServer } from './processes.ts'

const { values: options } = parseArgs({
  options: {
    samples: { type: 'string', default: '2000' },
    accounts: { type: 'string', default: '400' },
  },
})
const samplesOfEach = Number(options.samples)
const serverUrl =
  process.env['BENCH_DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'
// Fewer than the failures that one address may have with one client.
const roundsPerAddress = 9
const warmUpRounds = 100
const bounds = { least: 0.45, most: 0.55 } as const

const cleanUp: (() => Promise<unknown>)[] = []
try {
  const after = (step: () => Promise<unknown>) => void cleanUp.push(step)
  const { url, keyEncryptionKey } = await createBenchDatabase({ serverUrl, after })
  const failures = await makeFailures(url, Number(options.accounts))
  const server = await startServer('../bin/countersign.js', {
    args: ['serve'],
    env: {
      ISSUER: 'http://127.0.0.1',
      DATABASE_URL: url,
      KEY_ENCRYPTION_KEY: keyEncryptionKey,
      TRUSTED_PROXIES: '127.0.0.1',
      DRAIN_DELAY: '0s',
    },
  })
  after(server.stop)
  report(await measure(server.ports[0] ?? 0, failures))
} finally {
  for (const step of cleanUp.toReversed()) await step()
}

type Measured = ReadonlyMap<string, readonly number[]>

async function measure(port: number, failures: readonly Failure[]): Promise<Measured> {
  const times = new Map<string, number[]>(failures.map(({ what }) => [what, []]))
  const connection = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(connection, 'connect')
  for (let round = 0; round < warmUpRounds + samplesOfEach; round += 1) {
    const number = Math.floor(round / roundsPerAddress)
    const from = `10.1.${Math.floor(number / 256)}.${number % 256}`
    const rest = Math.max(...failures.map((failure) => failure.rest()))
    if (rest > 0) await pause(rest)
    for (const { what, next } of shuffled(failures)) {
      const took = await ask(connection, from, next())
      if (round >= warmUpRounds) times.get(what)?.push(took)
    }
  }
  connection.destroy()
  return times
}

/** How long one refusal takes, in milliseconds, from the last byte sent to the first one received. */
async function ask(connection: Socket, from: string, { id, secret }: Presented): Promise<number> {
  const request = [
    'POST /oauth2/token HTTP/1.1',
    'Host: 127.0.0.1',
    `X-Forwarded-For: ${from}`,
    `Authorization: Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 29',
    '',
    'grant_type=client_credentials',
  ].join('\r\n')
  const answered = once(connection, 'data')
  const sentAt = performance.now()
  connection.write(request)
  const [answer] = (await answered) as [Buffer]
  const took = performance.now() - sentAt
  const status = answer.toString('latin1', 9, 12)
  if (status !== '401') throw new Error(`answered ${status}: ${answer.toString()}`)
  return took
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .toSorted((one, other) => one.key - other.key)
    .map(({ item }) => item)
}

function report(times: Measured): void {
  const baseline = times.get(wrong) ?? []
  const rows = [...times].map(([what, taken]) => {
    const auc = what === wrong ? 0.5 : chanceOfLonger(taken, baseline)
    const isTold = auc < bounds.least || auc > bounds.most
    return { what, median: medianOf(taken), auc, isTold }
  })
  process.stdout.write(line(['failure', 'samples', 'median in ms', 'AUC']))
  process.stdout.write(line(['---', '---', '---', '---']))
  for (const { what, median, auc, isTold } of rows) {
    const shown = `${auc.toFixed(3)}${isTold ? ' (told apart)' : ''}`
    process.stdout.write(line([what, String(samplesOfEach), median.toFixed(3), shown]))
  }
  if (rows.some(({ isTold }) => isTold)) process.exitCode = 1
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`
}

/** Mann and Whitney's U as a share of all pairs; equal times count half. */
function chanceOfLonger(some: readonly number[], others: readonly number[]): number {
  const sorted = others.toSorted((one, other) => one - other)
  const wins = some.map((time) => (below(sorted, time, false) + below(sorted, time, true)) / 2)
  return wins.reduce((sum, count) => sum + count, 0) / (some.length * others.length)
}

/** How many of the sorted times are less than this one, or equal to it if those count too. */
function below(sorted: readonly number[], time: number, equalToo: boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const at = sorted[middle] ?? Infinity
    if (at < time || (equalToo && at === time)) low = middle + 1
    else high = middle
  }
  return low
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0
}

/**
 * How long it takes to verify a long audit chain, and how much memory: adds entries to the chain of
 * the server as the program writes them, in a database of its own, and verifies them in a process
 * that does nothing else. `node bench/audit-trail.ts [entries]`, with TEST_DATABASE_URL.
 */
import { randomUUID } from 'node:crypto'
import { systemClock } from '../src/house.ts'
import { verifyAuditTrail } from '../src/management/audit-verification.ts'
import { readProgram } from '../src/program.ts'
import { addAuditEntries, lockChain } from '../src/storage/audit-trail.ts'
import type { Database } from '../src/storage/database.ts'
import { openPostgres } from '../src/storage/database.ts'
import { migrate } from '../src/storage/migrate.ts'
import type { Act, Tx } from '../src/storage/tx.ts'
import { databaseUrl, onServer } from '../test/support/image.ts'

const serverUrl = process.env['TEST_DATABASE_URL']
if (serverUrl === undefined) throw new Error('TEST_DATABASE_URL names no server')
const wanted = Number(process.argv[2] ?? 1_000_000)
const entriesPerTransaction = 2000
const mebibyte = 1024 * 1024

const name = `countersign_bench_${randomUUID().slice(0, 8)}`
await onServer(serverUrl, `create database ${name}`)
const db = openPostgres({ url: databaseUrl(serverUrl, name), connectionsMax: 2 })
try {
  await migrate(db, await readProgram(), systemClock.now())
  const filling = await timed(async () => fill(db, wanted))
  say(`${wanted} entries written in ${filling} s`)
  const before = process.memoryUsage().rss
  let peak = before
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50)
  const verifying = await timed(async () => {
    for await (const report of verifyAuditTrail(db.management, {
      chain: undefined,
      checkpoints: [],
    })) {
      say(JSON.stringify(report))
    }
  })
  clearInterval(watch)
  say(
    `verified in ${verifying} s; resident ${mib(before)} MiB before, at most ${mib(peak)} MiB meanwhile`,
  )
} finally {
  await db.close()
  await onServer(serverUrl, `drop database ${name} with (force)`)
}

async function fill({ schema }: Database, count: number): Promise<void> {
  const act: Act = {
    actor: { type: 'operator', id: 'operator:bench', name: 'bench' },
    at: systemClock.now(),
    traceId: '0'.repeat(32),
    network: '192.0.2.7',
  }
  for (let made = 0; made < count; made += entriesPerTransaction) {
    await schema.transaction().execute(async (transaction) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else writes here
      const tx = transaction as unknown as Tx
      const head = await lockChain(tx, 'server')
      if (head === undefined) throw new Error('the database is not set up')
      const some = Math.min(entriesPerTransaction, count - made)
      const events = Array.from({ length: some }, (_, index) => ({
        kind: 'service_account.changed' as const,
        target: { type: 'service_account', id: `sa_${made + index}`, name: `robot ${index}` },
        before: { description: '', expires_at: null },
        after: { description: 'reads the orders of the day', expires_at: '2031-01-31T12:00:00Z' },
      }))
      await addAuditEntries(tx, head, act, events)
    })
  }
}

async function timed(work: () => Promise<void>): Promise<string> {
  const start = performance.now()
  await work()
  return ((performance.now() - start) / 1000).toFixed(1)
}

function mib(bytes: number): string {
  return (bytes / mebibyte).toFixed(0)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

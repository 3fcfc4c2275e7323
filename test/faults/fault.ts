import { setTimeout as pause } from 'node:timers/promises'
import { Unavailable } from '../../src/domain/fault.ts'
import { disableServiceAccount } from '../../src/management/service-accounts.ts'
import type { TestClient } from '../support/fixtures.ts'
import { accepted } from '../support/operator.ts'
import type { Answer, Load, Write } from './load.ts'
import { ask, startLoad } from './load.ts'
import { report } from './report.ts'
import type { Scene } from './scene.ts'

export type Fault = {
  readonly name: string
  /** What is bad from then on. */
  readonly begin: (scene: Scene) => unknown
  /** Ends it. The time to normal counts from when this is done. */
  readonly end: (scene: Scene) => unknown
  readonly milliseconds?: number
  /** When an operator at the database disables an account: right before it is bad, or meanwhile. */
  readonly disable: 'before' | 'during' | 'none'
  /** Servers that give no answer, because they are what is broken. */
  readonly broken?: readonly number[]
  /** Whether writers must have been told that it cannot be done. */
  readonly refusesWrites?: true
  /** Looks at the servers at the end of the bad time, and says what is wrong with them. */
  readonly inspect?: (scene: Scene) => Promise<readonly string[]> | readonly string[]
}

export type Suffered = {
  readonly answers: readonly Answer[]
  readonly writes: readonly Write[]
  readonly beganAt: number
  readonly endedAt: number
  /** From the end of the fault until the last answer that was not as in health was asked for. */
  readonly toNormal: number
  readonly longest: number
}

const answerMillisecondsMax = 2000
const normalMillisecondsMax = 1000
const beforeMilliseconds = 300
const badMilliseconds = 1500
const afterMilliseconds = 1200
const soakMilliseconds = Number(process.env['FAULT_SECONDS'] ?? 0) * 1000

/** How long a test may take that plays one fault. */
export const faultTimeout = { timeout: 40_000 + soakMilliseconds }

/** Plays a fault under load and reports what it did; returns the promises that were broken. */
export async function suffer(scene: Scene, fault: Fault): Promise<readonly string[]> {
  const ended = await scene.addClient()
  await becomeKnown(scene, [...scene.known, ended])
  const load = startLoad(scene, ended)
  let times: Pick<Suffered, 'beganAt' | 'endedAt'>
  let inspected: readonly string[]
  try {
    await pause(beforeMilliseconds)
    if (fault.disable === 'before') await disableAccount(scene, ended)
    const beganAt = performance.now()
    await fault.begin(scene)
    await pause(beforeMilliseconds)
    if (fault.disable === 'during') await disableAccount(scene, ended)
    await pause(Math.max(soakMilliseconds, fault.milliseconds ?? badMilliseconds))
    inspected = (await fault.inspect?.(scene)) ?? []
    await fault.end(scene)
    times = { beganAt, endedAt: performance.now() }
    await pause(afterMilliseconds)
  } finally {
    await load.stop()
  }
  const suffered = measured(load, times, fault)
  report(fault.name, suffered)
  return [
    ...inspected,
    ...brokenToClients(fault, suffered),
    ...brokenToWriters(fault, load.writes, await storedIn(scene)),
  ]
}

/** An operator tries again: a writer that the fault has cut off can hold the lock for 3 s. */
async function disableAccount(
  { beside, act, demo }: Scene,
  { id: account }: TestClient,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      const place = { organization: demo.organization, account }
      accepted(await disableServiceAccount(beside(), act(), place))
      return
    } catch (error) {
      if (!(error instanceof Unavailable) || tries === 3) throw error
    }
  }
}

/** Until every process has them in its memory. */
async function becomeKnown({ servers }: Scene, clients: readonly TestClient[]): Promise<void> {
  for (const { url } of servers) {
    for (const client of clients) {
      await untilToken(url, client)
    }
  }
}

async function untilToken(url: string, client: TestClient): Promise<void> {
  const deadline = performance.now() + 5000
  while ((await ask(url, client)).status !== 200) {
    if (performance.now() > deadline) throw new Error('a client does not get a token in health')
    await pause(50)
  }
}

function measured(
  { answers, writes }: Load,
  { beganAt, endedAt }: Pick<Suffered, 'beganAt' | 'endedAt'>,
  { broken = [], disable }: Fault,
): Suffered {
  const odd = [
    ...answers.filter(({ asker, status }) => isGood(asker) && status !== 200),
    ...writes.filter(({ outcome }) => outcome !== 'acknowledged'),
    ...(disable === 'none' ? [] : answers).filter(
      ({ asker, status }) => asker === 'ended' && status === 200,
    ),
  ]
  const last = Math.max(endedAt, ...odd.map(({ sentAt }) => sentAt))
  // A process that was stopped has had its requests only since then.
  const took = answers.map(({ server, sentAt, milliseconds }) => {
    const lateBy = broken.includes(server) ? Math.max(0, endedAt - sentAt) : 0
    return milliseconds - lateBy
  })
  return { answers, writes, beganAt, endedAt, toNormal: last - endedAt, longest: Math.max(...took) }
}

function isGood(asker: Answer['asker']): boolean {
  return asker === 'known' || asker === 'cold'
}

const allowed: Record<Answer['asker'], readonly number[]> = {
  known: [200],
  cold: [200, 503],
  wrong: [401, 429, 503],
  ended: [200, 401, 429, 503],
}

function brokenToClients(
  { broken = [] }: Fault,
  { answers, toNormal, longest }: Suffered,
): readonly string[] {
  const counted = answers.filter(({ server, status }) => status !== 0 || !broken.includes(server))
  const wrong = counted
    .filter(({ asker, status }) => !allowed[asker].includes(status))
    .map(({ asker, status }) => `${asker} client: ${status === 0 ? 'no answer' : status}`)
  const silent = counted.filter(({ status, retryAfter }) => status === 503 && retryAfter === '')
  return [
    ...new Set(wrong),
    ...(silent.length > 0 ? [`503 without Retry-After: ${silent.length}`] : []),
    ...(longest > answerMillisecondsMax ? [`an answer took ${longest.toFixed(0)} ms`] : []),
    ...(toNormal > normalMillisecondsMax ? [`normal after ${toNormal.toFixed(0)} ms`] : []),
  ]
}

type Stored = {
  readonly names: ReadonlySet<string>
  readonly log: { readonly whole: boolean; readonly audited: boolean } | undefined
}

async function storedIn({ cluster }: Scene): Promise<Stored> {
  const stored = await cluster().admin<{ name: string }>('select name from principal_group')
  const [log] = await cluster().admin<{ whole: boolean; audited: boolean }>(`
    select (select count(*) from change) = (select position from change_counter) as whole,
      (select count(*) from principal_group)
        = (select count(*) from audit_entry where kind = 'group.created') as audited`)
  return { names: new Set(stored.map(({ name }) => name)), log }
}

/** What was acknowledged is there, whole: with its audit entry, in a log without a gap. */
function brokenToWriters(
  { refusesWrites }: Fault,
  writes: readonly Write[],
  { names, log }: Stored,
): readonly string[] {
  const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged')
  const lost = acknowledged.filter(({ name }) => !names.has(name))
  return [
    ...(acknowledged.length === 0 ? ['no write was acknowledged'] : []),
    ...(refusesWrites === true && acknowledged.length === writes.length ? ['all writes done'] : []),
    ...lost.map(({ name }) => `acknowledged and lost: ${name}`),
    ...(log?.whole === true ? [] : ['the change log has a gap']),
    ...(log?.audited === true ? [] : ['groups and audit entries differ']),
  ]
}

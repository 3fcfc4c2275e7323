/**
 * `npm run bench`: what Countersign does on this machine at this moment, beside the least that such
 * a server can do and beside others. See docs/performance.md.
 */
import { execSync, spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { build } from './build.ts'
import { postgresVersion } from './database.ts'
import { openPeers } from './peers.ts'
import { canPin, loadCores, startLoad, stopAll } from './processes.ts'
import type { Section } from './report.ts'
import { isMet, sectionText, writeSection } from './report.ts'
import { scenes } from './scenes.ts'
import type { Pace, Scene, Stage } from './stage.ts'
import { undoing } from './undoing.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    'without-peers': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const serverUrl =
  process.env['BENCH_DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'

/** Longer than any run: one that hangs ends, and cleans up. */
const runMilliseconds = 45 * 60_000

const run = undoing(tell)
const stopped = Promise.withResolvers<never>()
let isStopped = false
setTimeout(stop, runMilliseconds, 'took too long').unref()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)

try {
  await Promise.race([bench(), stopped.promise])
} catch (error) {
  tell(String(error))
  process.exitCode = 1
} finally {
  await stopAll()
  await run.undo()
  // Whatever was interrupted may still wait for something.
  process.exit()
}

function stop(why: string): void {
  isStopped = true
  stopped.reject(new Error(`ended: ${why}`))
}

async function bench(): Promise<void> {
  if (!canPin)
    throw new Error('needs Linux with taskset (util-linux): it reads /proc and pins cores')
  const pace = paceOf(options)
  const wanted = wantedScenes(options.only)
  // This process works while the servers do not, but must not disturb them.
  spawnSync('taskset', ['-cp', loadCores, String(process.pid)])
  const machine = `${machineText()}, ${await postgresVersion(serverUrl)}`
  const stage = {
    program: await build(run.after),
    load: startLoad(),
    peers: openPeers(run.after, !options['without-peers']),
    pace,
    serverUrl,
  }
  for (const scene of wanted) {
    if (!isStopped) await playScene(scene, stage, machine)
  }
}

/** One scene that fails does not take the others with it. */
async function playScene(
  scene: Scene,
  stage: Omit<Stage, 'after' | 'tell'>,
  machine: string,
): Promise<void> {
  const { after, undo } = undoing(tell)
  run.after(undo)
  try {
    const section = await scene.play({
      ...stage,
      after,
      tell: (line) => tell(`${scene.name}: ${line}`),
    })
    const text = sectionText(section, machine)
    process.stdout.write(`\n## ${section.title}\n\n${text}\n\n`)
    if (options.write) await writeSection(scene.name, text)
    tell(`${scene.name}: ${metText(section)}`)
  } catch (error) {
    // What is ended in the middle fails, and that says nothing.
    if (isStopped) return
    tell(`${scene.name} failed: ${error instanceof Error ? (error.stack ?? '') : String(error)}`)
    process.exitCode = 1
  } finally {
    await undo()
  }
}

function metText({ reaches }: Section): string {
  const missed = reaches.filter((reach) => !isMet(reach)).map(({ what }) => what)
  return missed.length === 0 ? 'all that was to be reached is' : `not reached: ${missed.join('; ')}`
}

function paceOf({ quick, rounds, seconds }: typeof options): Pace {
  return {
    rounds: Number(rounds ?? (quick ? 2 : 5)),
    // A window shorter than three seconds shows how code warms up.
    milliseconds: 1000 * Number(seconds ?? (quick ? 1 : 4)),
    // Compiling what turned out to be hot goes on for seconds, beside the work.
    warmUpMilliseconds: quick ? 2000 : 10_000,
    quick,
  }
}

function wantedScenes(only: readonly string[] | undefined): readonly Scene[] {
  const unknown = only?.filter((name) => !scenes.some((scene) => scene.name === name)) ?? []
  if (unknown.length > 0) {
    const known = scenes.map(({ name }) => name)
    throw new Error(`no scene ${unknown.join(', ')}; there are ${known.join(', ')}`)
  }
  return scenes.filter(({ name }) => only?.includes(name) ?? true)
}

function machineText(): string {
  const [core] = cpus()
  const date = new Date().toISOString().slice(0, 10)
  const kernel = execSync('uname -sr', { encoding: 'utf8' }).trim()
  return `${date} on ${core?.model.trim() ?? 'an unknown processor'}, ${cpus().length} cores, ${kernel}, Node ${process.version}`
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

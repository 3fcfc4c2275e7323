/**
 * The load generator: a process of its own, on a core of its own, that sends prepared requests over
 * kept connections and looks at every answer. It does one job at a time, each bounded in time, and
 * ends with the process that started it.
 */
import type { Job, Report, Stream, StreamResult } from './job.ts'
import type { Answer, Line } from './line.ts'
import { lineTo } from './line.ts'

const sampleEvery = 500
const samplesMax = 20
const overtimeMilliseconds = 8000
// Servers close a connection that rests, some after five seconds, and a request may cross with that.
const restMaxMilliseconds = 3000

const tokenStart = Buffer.from('"access_token":"')
const token = /"access_token":"([\w-]{20,}\.[\w-]{20,}\.[\w-]{86})"/

process.on('disconnect', () => process.exit())
process.on('message', (job: Job) => {
  work(job).then(
    (value) => report({ ok: true, value }),
    (error: unknown) => report({ ok: false, refusal: String(error) }),
  )
})

function report(said: Report): void {
  process.send?.(said)
}

async function work(job: Job): Promise<readonly StreamResult[]> {
  const prepared: (readonly [Stream, readonly Line[]])[] = []
  for (const stream of job.streams) prepared.push([stream, await linesFor(job.ports, stream)])
  const ran = prepared.map(async ([stream, lines]) => run(stream, lines, job.milliseconds))
  const overtime = new Promise<never>((_, reject) => {
    const late = () => reject(new Error('answers are missing'))
    setTimeout(late, job.milliseconds + overtimeMilliseconds).unref()
  })
  try {
    const results = await Promise.race([Promise.all(ran), overtime])
    for (const [stream, lines] of prepared) rest(job.ports, stream, lines)
    return results
  } catch (error) {
    // What is still to be answered must not be taken for an answer of the next job.
    for (const [, lines] of prepared) closeAll(lines)
    throw error
  }
}

type Pool = { readonly lines: readonly Line[]; readonly restsSince: number }

/** Connections are kept from job to job, so that none has to be paid for in a window. */
const pools = new Map<string, Pool>()

function nameOf(ports: readonly number[], stream: Stream): string {
  return [...ports, stream.connections, ...(stream.from ?? [])].join(' ')
}

async function linesFor(ports: readonly number[], stream: Stream): Promise<readonly Line[]> {
  const name = nameOf(ports, stream)
  const pool = pools.get(name)
  pools.delete(name)
  if (pool && performance.now() - pool.restsSince > restMaxMilliseconds) closeAll(pool.lines)
  const lines =
    pool?.lines ??
    Array.from({ length: stream.connections }, (_, index) => {
      const from = stream.from?.[index % stream.from.length]
      return lineTo(ports[index % ports.length] ?? 0, from)
    })
  for (const line of lines) await line.open()
  return lines
}

function rest(ports: readonly number[], stream: Stream, lines: readonly Line[]): void {
  const name = nameOf(ports, stream)
  if (pools.has(name)) closeAll(lines)
  else pools.set(name, { lines, restsSince: performance.now() })
}

function closeAll(lines: readonly Line[]): void {
  for (const line of lines) line.close()
}

async function run(
  stream: Stream,
  lines: readonly Line[],
  milliseconds: number,
): Promise<StreamResult> {
  const record = recorder(stream)
  return new Promise((done) => {
    const end = () => done(record.result())
    if (stream.perSecond === undefined) saturate({ record, lines, milliseconds, end })
    else keepRate({ record, lines, milliseconds, end }, stream.perSecond)
  })
}

type Run = {
  readonly record: ReturnType<typeof recorder>
  readonly lines: readonly Line[]
  readonly milliseconds: number
  readonly end: () => void
}

/** Closed loop: each connection asks again as soon as it has its answer. */
function saturate({ record, lines, milliseconds, end }: Run): void {
  const endsAt = performance.now() + milliseconds
  let busy = lines.length
  const next = (through: Line) => {
    if (performance.now() < endsAt) return record.ask(through, () => next(through))
    busy -= 1
    if (busy === 0) end()
  }
  lines.forEach(next)
}

/**
 * Open loop: the clock decides when to ask, so a slow answer does not spare the server the next
 * request. A request for which no connection is free waits, and its wait counts.
 */
function keepRate({ record, lines, milliseconds, end }: Run, perSecond: number): void {
  const total = Math.floor((milliseconds / 1000) * perSecond)
  const startedAt = performance.now()
  const idle = [...lines]
  const queue: number[] = []
  let asked = 0
  let answers = 0

  const dispatch = () => {
    for (;;) {
      const through = queue.length > 0 ? idle.shift() : undefined
      if (through === undefined) return
      record.ask(
        through,
        () => {
          answers += 1
          if (answers === total) return end()
          idle.push(through)
          dispatch()
        },
        queue.shift(),
      )
    }
  }
  const tick = () => {
    const now = performance.now()
    for (; asked < total && startedAt + (asked * 1000) / perSecond <= now; asked += 1) {
      queue.push(now)
    }
    dispatch()
    if (asked < total) setTimeout(tick, startedAt + (asked * 1000) / perSecond - now)
  }
  tick()
}

/** Asks in the order of the stream's requests, and keeps what came of it. */
function recorder({ requests, answers }: Stream) {
  const startedAt = performance.now()
  const bytes = requests.map((request) => Buffer.from(request, 'latin1'))
  const latencies: number[] = []
  const samples: string[] = []
  const others: Record<string, number> = {}
  let example: string | undefined
  let turn = 0

  const keepGood = ({ body }: Answer, since: number) => {
    latencies.push(performance.now() - since)
    if (latencies.length % sampleEvery !== 1 || samples.length >= samplesMax) return
    const sample = token.exec(body.toString('latin1'))?.[1]
    if (sample !== undefined) samples.push(sample)
  }
  const keepOther = (answer: Answer | undefined) => {
    const kind = kindOf(answer)
    others[kind] = (others[kind] ?? 0) + 1
    example ??= answer && `${answer.head}\r\n${answer.body.toString('latin1', 0, 400)}`
  }
  return {
    ask: (through: Line, answered: () => void, since = performance.now()) => {
      const request = bytes[turn % bytes.length]
      if (request === undefined) throw new Error('a stream without requests')
      turn += 1
      through.ask(request, (answer) => {
        if (isGood(answer, answers)) keepGood(answer, since)
        else keepOther(answer)
        answered()
      })
    },
    result: (): StreamResult => ({
      milliseconds: performance.now() - startedAt,
      latencies,
      others,
      ...(example !== undefined && { example }),
      samples,
    }),
  }
}

function isGood(answer: Answer | undefined, wanted: Stream['answers']): answer is Answer {
  return answer?.status === 200 && (wanted === 'keys' || answer.body.includes(tokenStart))
}

function kindOf(answer: Answer | undefined): string {
  if (answer === undefined) return 'no answer'
  const later = /\r\nretry-after: \d+\r\n/i.test(answer.head) ? ' with Retry-After' : ''
  return `${answer.status}${later}`
}

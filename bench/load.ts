/**
 * The load generator: a process of its own, on a core of its own, that sends prepared requests over
 * kept connections and looks at every answer. It does one job at a time, each bounded in time, and
 * ends with the process that started it.
 */
import type { Socket } from 'node:net'
import { connect } from 'node:net'

export type Job = {
  readonly port: number
  /** Whole HTTP requests, sent in turn. */
  readonly requests: readonly string[]
  readonly connections: number
  readonly milliseconds: number
  /** Requests a second, whatever the answers do; without it, as many as are answered. */
  readonly perSecond?: number
}

export type JobResult = {
  readonly tokens: number
  /** From the first request to the last answer. */
  readonly milliseconds: number
  /** What each answer took, in milliseconds. */
  readonly latencies: readonly number[]
  /** Some of the tokens, for somebody else to verify. */
  readonly samples: readonly string[]
}

export type Report =
  | { readonly ok: true; readonly value: JobResult }
  | { readonly ok: false; readonly refusal: string }

const sampleEvery = 500
const samplesMax = 20
const overtimeMilliseconds = 5000

const tokenBody = /^\{"access_token":"([\w-]{20,}\.[\w-]{20,}\.[\w-]{86})".*"token_type":"Bearer"/

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

async function work(job: Job): Promise<JobResult> {
  const lines = await linesTo(job.port, job.connections)
  const overtime = AbortSignal.timeout(job.milliseconds + overtimeMilliseconds)
  return new Promise((resolve, reject) => {
    overtime.addEventListener('abort', () => reject(new Error('answers are missing')))
    for (const line of lines) line.failed = reject
    if (job.perSecond === undefined) saturate(job, lines, resolve)
    else keepRate(job, job.perSecond, { lines, done: resolve })
  })
}

/** One connection. It answers one request after the other. */
type Line = {
  readonly ask: (request: string, answered: (token: string) => void) => void
  /** Told when something goes wrong during a job. */
  failed: (error: Error) => void
}

/** The connections to each port: kept from job to job, so that none has to be paid for in a window. */
const open = new Map<number, Set<Line>>()

async function linesTo(port: number, count: number): Promise<readonly Line[]> {
  const lines = open.get(port) ?? new Set()
  open.set(port, lines)
  while (lines.size < count) {
    const socket = await connected(port)
    const made = lineOver(socket)
    lines.add(made)
    socket.on('close', () => lines.delete(made))
  }
  return [...lines]
}

async function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.setNoDelay()))
    socket.once('error', reject)
  })
}

type Done = (result: JobResult) => void

function lineOver(socket: Socket): Line {
  let text = ''
  let waiting: ((token: string) => void) | undefined
  const failed = (error: Error) => made.failed(error)
  const made: Line = {
    ask: (request, answered) => {
      waiting = answered
      socket.write(request, 'latin1')
    },
    failed: () => undefined,
  }
  socket.on('error', failed)
  // A server may close a connection that rests between two jobs.
  socket.on('end', () => waiting && failed(new Error('the server closed a connection')))
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    const body = wholeBody(text)
    if (body === undefined) return
    const token = text.startsWith('HTTP/1.1 200') ? tokenBody.exec(body)?.[1] : undefined
    if (token === undefined) return failed(new Error(`not a token: ${text.slice(0, 400)}`))
    const answered = waiting
    text = ''
    waiting = undefined
    if (answered === undefined) return failed(new Error('an answer that nobody asked for'))
    answered(token)
  })
  return made
}

/** The body of a response that has arrived whole. All servers here announce its length. */
function wholeBody(text: string): string | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, headEnd + 2))?.[1]
  if (length === undefined) throw new Error(`no Content-Length: ${text.slice(0, headEnd)}`)
  const body = text.slice(headEnd + 4)
  return body.length < Number(length) ? undefined : body
}

/** Closed loop: each connection asks again as soon as it has its answer. */
function saturate(job: Job, lines: readonly Line[], done: Done): void {
  const record = recorder(job)
  const endsAt = performance.now() + job.milliseconds
  let busy = lines.length
  const next = (through: Line) => {
    if (performance.now() < endsAt) return record.ask(through, () => next(through))
    busy -= 1
    if (busy === 0) done(record.result())
  }
  lines.forEach(next)
}

/**
 * Open loop: the clock decides when to ask, so a slow answer does not spare the server the next
 * request. A request for which no connection is free waits, and its wait counts.
 */
function keepRate(
  job: Job,
  perSecond: number,
  { lines, done }: { readonly lines: readonly Line[]; readonly done: Done },
): void {
  const record = recorder(job)
  const total = Math.floor((job.milliseconds / 1000) * perSecond)
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
          if (answers === total) return done(record.result())
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

/** Asks in the order of the job's requests, and keeps what came of it. */
function recorder({ requests }: Job) {
  const startedAt = performance.now()
  const latencies: number[] = []
  const samples: string[] = []
  let turn = 0
  return {
    ask: (through: Line, answered: () => void, since = performance.now()) => {
      const request = requests[turn % requests.length]
      if (request === undefined) throw new Error('a job without requests')
      turn += 1
      through.ask(request, (token) => {
        latencies.push(performance.now() - since)
        if (latencies.length % sampleEvery === 1 && samples.length < samplesMax) samples.push(token)
        answered()
      })
    },
    result: (): JobResult => ({
      tokens: latencies.length,
      milliseconds: performance.now() - startedAt,
      latencies,
      samples,
    }),
  }
}

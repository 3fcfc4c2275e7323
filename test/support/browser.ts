import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A browser that a test looks through, spoken to by the DevTools protocol. */
export type Browser = {
  /** Opens an address as somebody who types it would. */
  readonly open: (url: string) => Promise<void>
  /** The value of an expression in the page. */
  readonly read: (expression: string) => Promise<unknown>
  /** Waits until an expression is true in the page. */
  readonly until: (expression: string) => Promise<void>
  /** Types into a field, in the place of what is there. */
  readonly type: (selector: string, text: string) => Promise<void>
  readonly click: (selector: string) => Promise<void>
  /** What the page was refused, and what it threw. */
  readonly complaints: readonly string[]
  readonly send: Send
  readonly close: () => Promise<void>
}

type Send = (method: string, params?: object) => Promise<Record<string, unknown>>

const waitMilliseconds = 10_000

/** Where a browser is on this machine, if one is. */
export const chromium = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path))

export async function openBrowser(program: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'countersign-browser-'))
  const child = spawn(
    program,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const port = await portOf(child.stderr)
  const [page] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as [
    { webSocketDebuggerUrl: string },
  ]
  const complaints: string[] = []
  const { send, close } = await connect(page.webSocketDebuggerUrl, complaints)
  for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`)
  const read = async (expression: string) => {
    const { result, exceptionDetails } = (await send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value?: unknown }; exceptionDetails?: unknown }
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }
  const until = async (expression: string) => {
    const met = await read(`new Promise((resolve) => {
      const end = Date.now() + ${waitMilliseconds}
      const look = () =>
        (${expression}) ? resolve(true) : Date.now() > end ? resolve(false) : setTimeout(look, 20)
      look()
    })`)
    if (met !== true)
      throw new Error(`never true: ${expression}\n${String(await read('document.body.innerText'))}`)
  }
  return {
    open: async (url) => {
      await send('Page.navigate', { url: 'about:blank' })
      await send('Page.navigate', { url })
      await until(`location.href !== 'about:blank' && document.readyState === 'complete'`)
    },
    read,
    until,
    type: async (selector, text) => {
      await read(`document.querySelector(${JSON.stringify(selector)}).select()`)
      await send('Input.insertText', { text })
    },
    click: async (selector) => {
      await read(`document.querySelector(${JSON.stringify(selector)}).click()`)
    },
    complaints,
    send,
    close: async () => {
      close()
      child.kill()
      await ended
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function portOf(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const [, port] = /^DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(line) ?? []
    if (port !== undefined) return port
  }
  throw new Error('the browser did not start')
}

type Message = {
  readonly id?: number
  readonly method?: string
  readonly params?: { entry?: { source: string; text: string }; exceptionDetails?: unknown }
  readonly result?: Record<string, unknown>
  readonly error?: { message: string }
}

async function connect(url: string, complaints: string[]) {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', reject, { once: true })
  })
  const waiting = new Map<number, (message: Message) => void>()
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    if (message.id !== undefined) waiting.get(message.id)?.(message)
    const { entry, exceptionDetails } = message.params ?? {}
    // That a call was answered with an error is of the network, and what the test is about.
    if (entry !== undefined && entry.source !== 'network') complaints.push(entry.text)
    if (exceptionDetails !== undefined) complaints.push(JSON.stringify(exceptionDetails))
  })
  let last = 0
  const send: Send = async (method, params = {}) => {
    const id = (last += 1)
    const { error, result = {} } = await new Promise<Message>((resolve) => {
      waiting.set(id, resolve)
      socket.send(JSON.stringify({ id, method, params }))
    })
    waiting.delete(id)
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }
  return { send, close: () => socket.close() }
}

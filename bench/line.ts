import type { Socket } from 'node:net'
import { connect } from 'node:net'

/** An answer that has arrived whole. Its bytes are good until the callback that is told it returns. */
export type Answer = {
  readonly status: number
  readonly head: string
  /** Still in its chunks, if it came so. */
  readonly body: Buffer
}

/** Told the answer; nothing, if the connection ended without one. */
export type Answered = (answer: Answer | undefined) => void

/** One connection, opened again when it was closed. It answers one request after the other. */
export type Line = {
  readonly open: () => Promise<void>
  readonly ask: (request: Buffer, answered: Answered) => void
  readonly close: () => void
}

// All connections read into the same bytes: one callback at a time looks at them.
const shared = Buffer.alloc(65_536)
const headEndsWith = Buffer.from('\r\n\r\n')
const saysLast = /\r\nconnection: close\r\n/i
const lastChunk = Buffer.from('\r\n0\r\n\r\n')

export function lineTo(port: number, localAddress: string | undefined): Line {
  let socket: Socket | undefined
  let answered: Answered | undefined
  let before: Buffer | undefined

  const close = () => {
    const closing = socket
    socket = undefined
    closing?.destroy()
  }
  const tell = (answer: Answer | undefined) => {
    const told = answered
    answered = undefined
    before = undefined
    told?.(answer)
  }
  const arrived = (chunk: Buffer) => {
    const bytes = before === undefined ? chunk : Buffer.concat([before, chunk])
    const answer = wholeAnswer(bytes)
    if (answer === undefined) {
      // What is shared will hold something else soon.
      before = Buffer.from(bytes)
      return
    }
    if (saysLast.test(answer.head)) close()
    tell(answer)
  }
  const opened = (): Socket => {
    const callback = (length: number) => {
      arrived(shared.subarray(0, length))
      return true
    }
    const made = connect({
      port,
      host: '127.0.0.1',
      ...(localAddress !== undefined && { localAddress }),
      noDelay: true,
      onread: { buffer: shared, callback },
    })
    made.on('error', () => undefined)
    made.on('close', () => {
      if (socket !== made) return
      socket = undefined
      tell(undefined)
    })
    socket = made
    return made
  }

  return {
    open: async () => {
      if (socket?.readyState === 'open') return
      const made = opened()
      await new Promise<void>((resolve, reject) => {
        made.once('connect', resolve)
        made.once('close', () => reject(new Error(`nothing listens on port ${port}`)))
      })
    },
    ask: (request, told) => {
      answered = told
      const { writable = false } = socket ?? {}
      const through = writable && socket !== undefined ? socket : opened()
      through.write(request)
    },
    close,
  }
}

function wholeAnswer(bytes: Buffer): Answer | undefined {
  const headEnd = bytes.indexOf(headEndsWith)
  if (headEnd === -1) return undefined
  const head = bytes.toString('latin1', 0, headEnd + 2)
  const body = bytes.subarray(headEnd + headEndsWith.length)
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1]
  const whole =
    length === undefined
      ? bytes.subarray(-lastChunk.length).equals(lastChunk)
      : body.length >= Number(length)
  return whole ? { status: Number(head.slice(9, 12)), head, body } : undefined
}

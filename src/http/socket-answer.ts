import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Answer } from './answer.ts'

/** Answers what is no request for Node, and so has no response either. Nothing can follow it. */
export function answerSocket(socket: Duplex, { status, headers, body }: Answer): void {
  const text = body ?? ''
  const all = { ...headers, 'content-length': Buffer.byteLength(text), connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}`
  socket.end(`${head}\r\n${text}`, () => socket.destroy())
}

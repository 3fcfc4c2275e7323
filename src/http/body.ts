import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Incoming } from './edge.ts'

export type BodyRefusal =
  | { readonly reason: 'body_too_large' }
  | { readonly reason: 'body_incomplete' }

const bodyBytesMax = 16 * 1024

/**
 * Reads a request body, straight from Node's stream and with a hard count of bytes, however the
 * body is framed. Each byte becomes the character of that number, so that the reader of the text
 * sees exactly what was sent. Of a body that is too large nothing more is read: the response has to
 * close the connection.
 */
export function readBody(incoming: Incoming): Promise<Result<string, BodyRefusal>> {
  if (announcesTooMuch(incoming)) return Promise.resolve(refuse({ reason: 'body_too_large' }))
  if (incoming.destroyed) return Promise.resolve(refuse({ reason: 'body_incomplete' }))

  return new Promise((resolve) => {
    let text = ''
    const onData = (chunk: Buffer) => {
      if (text.length + chunk.length > bodyBytesMax) {
        incoming.off('data', onData).pause()
        resolve(refuse({ reason: 'body_too_large' }))
        return
      }
      text += chunk.toString('latin1')
    }
    const onEarlyEnd = () => {
      // Every request is closed in the end; to settle a promise twice costs more than to read a body.
      if (!incoming.readableEnded) resolve(refuse({ reason: 'body_incomplete' }))
    }
    incoming.on('data', onData)
    incoming.on('end', () => resolve(accept(text)))
    incoming.on('error', onEarlyEnd)
    incoming.on('close', onEarlyEnd)
  })
}

/** Whether a body is too large by what its sender says. */
export function announcesTooMuch({ headers }: Incoming): boolean {
  return Number(headers['content-length'] ?? 0) > bodyBytesMax
}

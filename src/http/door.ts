import { Hono } from 'hono'
import type { Caller } from '../ports/events.ts'
import type { Edge } from './edge.ts'

/** What a room finds beside a request. */
export type RoomEnv = {
  readonly caller: Caller
  /** Ends the connection in the middle of an answer, so that nobody takes it for the whole. */
  readonly cut?: () => void
}

/** The room behind a door, as far as this floor knows it. */
type Room = {
  readonly fetch: (request: Request, env: RoomEnv) => Response | Promise<Response>
}

export type LoadRoom = () => Promise<Room>

/**
 * The way to a room for people and their programs. What it is made of is read only when somebody
 * comes: a server that machines ask for tokens starts without it.
 */
export function door(path: string, load: LoadRoom): Hono<Edge> {
  let loading: Promise<Room> | undefined
  const loaded = async () => {
    loading ??= load()
    try {
      return await loading
    } catch (error) {
      loading = undefined
      throw error
    }
  }
  return new Hono<Edge>().all(path, async (c) => {
    const { caller, incoming } = c.env
    return (await loaded()).fetch(c.req.raw, { caller, cut: () => void incoming.socket.destroy() })
  })
}

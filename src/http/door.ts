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

/** The way to a room, and how to have it loaded before anybody comes. */
export type Door = { readonly way: Hono<Edge>; readonly open: () => Promise<unknown> }

/**
 * The way to a room for people and their programs. What it is made of is read when somebody comes, or
 * before: a server that machines ask for tokens starts without it. If it cannot be read, everybody who
 * comes is told, and it is tried again for each.
 */
export function door(path: string, load: LoadRoom): Door {
  let loading: Promise<Room> | undefined
  const open = async () => {
    loading ??= load()
    try {
      return await loading
    } catch (error) {
      loading = undefined
      throw error
    }
  }
  const way = new Hono<Edge>().all(path, async (c) => {
    const { caller, incoming } = c.env
    return (await open()).fetch(c.req.raw, { caller, cut: () => void incoming.socket.destroy() })
  })
  return { way, open }
}

import { Hono } from 'hono'
import type { Caller } from '../ports/events.ts'
import type { Edge } from './edge.ts'

/** The room behind the door, as far as this floor knows it. */
type Room = {
  readonly fetch: (
    request: Request,
    env: { readonly caller: Caller },
  ) => Response | Promise<Response>
}

export type LoadApi = () => Promise<Room>

/**
 * The way to the management API. What it is made of is read only when somebody comes: a server that
 * machines ask for tokens starts without it.
 */
export function apiDoor(load: LoadApi): Hono<Edge> {
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
  return new Hono<Edge>().all('/api/*', async (c) =>
    (await loaded()).fetch(c.req.raw, { caller: c.env.caller }),
  )
}

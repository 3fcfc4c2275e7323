import type { Result } from '../domain/result.ts'
import { refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { ApiClient } from './api-client.ts'
import type { CommandHouse, OpenCommandHouse } from './command-house.ts'
import type { Output } from './command.ts'
import { directApi } from './direct-api.ts'
import { knownProfiles } from './find-login.ts'
import type { Io } from './io.ts'
import type { PlaceWishes } from './place.ts'
import { choosePlace } from './place.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { remoteApi } from './remote-api.ts'

/** What commands on the nouns need beside the words and streams they are given. */
export type World = { readonly open: OpenCommandHouse; readonly clock: Pick<Clock, 'now'> }

type Done = Promise<Result<Output, CommandRefusal>>

/** Works beside the database, and closes it behind itself. */
export async function withHouse(
  io: Io,
  { open }: World,
  work: (house: CommandHouse) => Done,
): Done {
  const opened = await open(io)
  if (!opened.ok) return opened
  try {
    return await work(opened.value)
  } finally {
    await opened.value.close()
  }
}

/** Works through the management API: of a server, or of this very process beside the database. */
export async function withApi(
  wishes: PlaceWishes,
  io: Io,
  world: World,
  work: (api: ApiClient, now: NumericDate) => Done,
): Done {
  const place = await choosePlace(wishes, io.env)
  if (!place.ok) return place
  if (place.value.type === 'remote') return work(remoteApi(place.value.login), world.clock.now())
  return withDirectApi(io, world, work)
}

/** Where another process holds the database of `dev`, says which profiles there are instead. */
export async function withDirectApi(
  io: Io,
  world: World,
  work: (api: ApiClient, now: NumericDate) => Done,
): Done {
  const done = await withHouse(io, world, async (house) => {
    const api = await directApi(house)
    return api.ok ? work(api.value, house.now()) : api
  })
  if (done.ok || done.refusal.reason !== 'folder_in_use') return done
  return refuse({ ...done.refusal, profiles: await knownProfiles(io.env) })
}

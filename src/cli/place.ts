import { existsSync } from 'node:fs'
import type { Environment } from '../config/reading.ts'
import { namesDatabase } from '../config.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { devFolder } from './embedded.ts'
import { profileField } from './fields.ts'
import type { LoginRefusal } from './find-login.ts'
import { findDefaultLogin, findLogin, namesServer } from './find-login.ts'
import type { Values } from './inputs.ts'
import { flag, optional } from './inputs.ts'
import type { Login } from './profiles.ts'

/** By which a command on the nouns says where it works. */
export const placeInputs = {
  profile: optional(profileField, 'At the server of this profile'),
  remote: flag('At a server, although DATABASE_URL is set'),
  direct: flag('Beside the database, although a server is named'),
}

export type PlaceWishes = Values<typeof placeInputs>

/** At a server, as somebody; or beside the database, as its operator. */
export type Place = { readonly type: 'remote'; readonly login: Login } | { readonly type: 'direct' }

export type PlaceRefusal =
  | LoginRefusal
  | { readonly reason: 'place_ambiguous' }
  | { readonly reason: 'place_needed' }
  | { readonly reason: 'usage_wrong'; readonly problems: readonly string[] }

/**
 * Decides where a command works: where it is told; else where the environment says; else on the
 * database of `dev` in this folder; else at the server of the profile `default`. The nearer wins, but
 * an environment that names both a server and a database is not guessed at: what is meant for one
 * could end up in the other.
 */
export async function choosePlace(
  { profile, remote, direct }: PlaceWishes,
  env: Environment,
): Promise<Result<Place, PlaceRefusal>> {
  const isAway = remote || profile !== undefined
  if (direct && isAway) {
    return refuse({ reason: 'usage_wrong', problems: ['--direct is not for a server'] })
  }
  if (direct) return beside
  if (isAway) return at(await findLogin(profile, env))
  return namesServer(env) ? atNamedServer(env) : nearest(env)
}

async function atNamedServer(env: Environment): Promise<Result<Place, PlaceRefusal>> {
  if (namesDatabase(env)) return refuse({ reason: 'place_ambiguous' })
  return at(await findLogin(undefined, env))
}

async function nearest(env: Environment): Promise<Result<Place, PlaceRefusal>> {
  if (namesDatabase(env) || existsSync(devFolder)) return beside
  const login = await findDefaultLogin(env)
  if (!login.ok) return login
  if (login.value === undefined) return refuse({ reason: 'place_needed' })
  return accept({ type: 'remote', login: login.value })
}

/** What in the environment names a server, where nothing is beside it to work on. */
export function serverNamed(env: Environment): string | undefined {
  if (!namesServer(env) || namesDatabase(env) || existsSync(devFolder)) return undefined
  return 'COUNTERSIGN_… in the environment'
}

const beside = accept({ type: 'direct' } as const)

function at(login: Result<Login, LoginRefusal>): Result<Place, PlaceRefusal> {
  return login.ok ? accept({ type: 'remote', login: login.value }) : login
}

import type { Environment } from '../config/reading.ts'
import { isSet } from '../config/reading.ts'
import type { LoginConfig } from '../config/login.ts'
import { readLoginConfig } from '../config/login.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Login, ProfilesRefusal } from './profiles.ts'
import { defaultProfile, profilesFile, readProfiles } from './profiles.ts'
import type { SettingsRefusal } from './settings.ts'
import { settingsRefused, settingsWrong } from './settings.ts'

export type LoginRefusal =
  | SettingsRefusal
  | ProfilesRefusal
  | {
      readonly reason: 'profile_unknown'
      readonly profile: string
      readonly known: readonly string[]
    }
  | { readonly reason: 'login_needed' }

const three = ['COUNTERSIGN_ISSUER', 'COUNTERSIGN_CLIENT_ID', 'COUNTERSIGN_CLIENT_SECRET'] as const

/** Whether the environment says which server is meant. */
export function namesServer(env: Environment): boolean {
  return [...three, 'COUNTERSIGN_PROFILE'].some((name) => isSet(env[name]))
}

/**
 * Finds who speaks to which server: the profile that is wished for; or what the environment says; or
 * the profile `default`. The nearer one wins whole, they are never mixed: a secret must not go to a
 * server that somebody else named.
 */
export async function findLogin(
  wished: string | undefined,
  env: Environment,
): Promise<Result<Login, LoginRefusal>> {
  if (wished !== undefined) return profileNamed(wished, env)
  const config = readLoginConfig(env)
  if (!config.ok) return settingsWrong(config.refusal)
  const { profile, ...given } = config.value
  const names = three.filter((name) => isSet(env[name]))
  if (names.length === 0) return profile === undefined ? ofDefault(env) : profileNamed(profile, env)
  if (profile !== undefined) {
    return settingsRefused(`COUNTERSIGN_PROFILE must be left out where ${names[0]} is set`)
  }
  return whole(given)
}

function whole({ issuer, clientId, clientSecret }: Omit<LoginConfig, 'profile'>) {
  if (issuer !== undefined && clientId !== undefined && clientSecret !== undefined) {
    return accept({ issuer, clientId, clientSecret })
  }
  const given = [issuer, clientId, clientSecret]
  const [set, missing] = [true, false].map((isGiven) =>
    three.filter((_, at) => (given[at] !== undefined) === isGiven).join(' and '),
  )
  return settingsRefused(
    `${set} without ${missing}: set all three or none, or keep them with countersign login`,
  )
}

async function profileNamed(
  profile: string,
  env: Environment,
): Promise<Result<Login, LoginRefusal>> {
  const profiles = await profilesOf(env)
  if (!profiles.ok) return profiles
  const login = profiles.value.get(profile)
  if (login !== undefined) return accept(login)
  return refuse({ reason: 'profile_unknown', profile, known: [...profiles.value.keys()] })
}

async function ofDefault(env: Environment): Promise<Result<Login, LoginRefusal>> {
  const login = await findDefaultLogin(env)
  if (!login.ok) return login
  return login.value === undefined ? refuse({ reason: 'login_needed' }) : accept(login.value)
}

/** The profile `default`, if there is one. */
export async function findDefaultLogin(
  env: Environment,
): Promise<Result<Login | undefined, ProfilesRefusal>> {
  const profiles = await profilesOf(env)
  return profiles.ok ? accept(profiles.value.get(defaultProfile)) : profiles
}

/** The names of the profiles; none where they cannot be read. */
export async function knownProfiles(env: Environment): Promise<readonly string[]> {
  const profiles = await profilesOf(env)
  return profiles.ok ? [...profiles.value.keys()] : []
}

async function profilesOf(env: Environment) {
  const file = profilesFile(env)
  // Where there is no home, nobody can have logged in.
  return file.ok ? readProfiles(file.value) : accept(new Map<string, Login>())
}

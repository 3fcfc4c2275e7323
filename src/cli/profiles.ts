import { chmod, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Environment } from '../config/reading.ts'
import { configFolder, parseClientIdText, parseProfileName } from '../config/login.ts'
import { issuerComplaint } from '../config/issuer.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { memberOf, parseJson, textOf } from './json.ts'

/** A server, and the client that speaks to it. */
export type Login = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

/** What `countersign login` remembers, by name. */
export type Profiles = ReadonlyMap<string, Login>

export type ProfilesRefusal =
  | { readonly reason: 'home_unknown' }
  | { readonly reason: 'profiles_exposed'; readonly file: string }
  | { readonly reason: 'profiles_unreadable'; readonly file: string; readonly why: string }

export const defaultProfile = 'default'

const fileBytesMax = 1_000_000
/** Whoever is neither the owner nor root. */
const othersMode = 0o077

export function profilesFile(env: Environment): Result<string, ProfilesRefusal> {
  const folder = configFolder(env)
  if (folder === undefined) return refuse({ reason: 'home_unknown' })
  return accept(join(folder, 'countersign', 'profiles.json'))
}

/** All profiles; none where there is no file. A file that others can read is not believed. */
export async function readProfiles(file: string): Promise<Result<Profiles, ProfilesRefusal>> {
  const text = await readPrivate(file)
  if (!text.ok) return text
  if (text.value === undefined) return accept(new Map())
  const profiles = parseProfiles(text.value)
  return profiles === undefined
    ? refuse({ reason: 'profiles_unreadable', file, why: 'it is not what login wrote' })
    : accept(profiles)
}

/** Keeps them where only their owner can read them; the file is there whole or as it was. */
export async function writeProfiles(
  file: string,
  profiles: Profiles,
): Promise<Result<undefined, ProfilesRefusal>> {
  try {
    if (profiles.size === 0) {
      await rm(file, { force: true })
      return accept(undefined)
    }
    const folder = dirname(file)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // It may have been there before, with other rights.
    await chmod(folder, 0o700)
    const draft = `${file}.${process.pid}`
    const text = JSON.stringify({ version: 1, profiles: Object.fromEntries(stored(profiles)) })
    await writeFile(draft, `${text}\n`, { mode: 0o600, flag: 'wx' })
    await rename(draft, file)
    return accept(undefined)
  } catch (error) {
    return refuse({ reason: 'profiles_unreadable', file, why: codeOf(error) })
  }
}

/** Looks at the very file that it reads: nobody can put another in its place between. */
async function readPrivate(file: string): Promise<Result<string | undefined, ProfilesRefusal>> {
  try {
    const handle = await open(file, 'r')
    try {
      const { mode, size } = await handle.stat()
      // Windows has no such bits, and says that everybody may read.
      if ((mode & othersMode) !== 0 && process.platform !== 'win32') {
        return refuse({ reason: 'profiles_exposed', file })
      }
      if (size > fileBytesMax) {
        return refuse({ reason: 'profiles_unreadable', file, why: 'it is too large' })
      }
      return accept(await handle.readFile('utf8'))
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return accept(undefined)
    return refuse({ reason: 'profiles_unreadable', file, why: code })
  }
}

function stored(profiles: Profiles) {
  return [...profiles].map(([name, { issuer, clientId, clientSecret }]) => [
    name,
    { issuer, client_id: clientId, client_secret: clientSecret },
  ])
}

function parseProfiles(text: string): Profiles | undefined {
  const kept = memberOf(parseJson(text), 'profiles')
  if (typeof kept !== 'object' || kept === null) return undefined
  const profiles = new Map<string, Login>()
  for (const [name, one] of Object.entries(kept)) {
    const login = parseLogin(one)
    if (login === undefined || parseProfileName(name) === undefined) return undefined
    profiles.set(name, login)
  }
  return profiles
}

function parseLogin(kept: unknown): Login | undefined {
  const issuer = textOf(kept, 'issuer')
  const clientId = textOf(kept, 'client_id')
  const clientSecret = textOf(kept, 'client_secret')
  if (issuerComplaint(issuer) !== undefined || parseClientIdText(clientId) === undefined) {
    return undefined
  }
  return clientSecret === '' ? undefined : { issuer, clientId, clientSecret }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be used'
}

import { issuerComplaint } from '../config/issuer.ts'
import type { LoginConfig } from '../config/login.ts'
import { parseClientIdText, readLoginConfig } from '../config/login.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { parseSecret } from '../domain/secret.ts'
import { devFolder } from './embedded.ts'
import type { Io } from './io.ts'
import { managementToken } from './management-token.ts'
import { safeJson, safeText } from './print.ts'
import type { Login, Profiles } from './profiles.ts'
import { defaultProfile, profilesFile, readProfiles, writeProfiles } from './profiles.ts'
import type { ProgramOutcome } from './program.ts'
import { openQuestions } from './questions.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { settingsRefused, settingsWrong } from './settings.ts'

type LoginWishes = {
  readonly profile: string | undefined
  readonly issuer: string | undefined
  readonly json: boolean
}

/**
 * `countersign login`: keeps client credentials that the server accepted, for the commands that come
 * after. The secret comes from the environment or from the terminal: an argument would be seen by
 * every user of the machine.
 */
export async function login(wishes: LoginWishes, io: Io): ProgramOutcome {
  const kept = await openKept(io.env)
  if (!kept.ok) return kept
  const { config, file, profiles } = kept.value
  const given = { ...config, issuer: wishes.issuer ?? config.issuer }
  const gathered = await gather(given, io)
  if (!gathered.ok) return gathered

  // The server says whether these are good for the management API.
  const checked = await managementToken(gathered.value)
  if (!checked.ok) return checked
  const profile = wishes.profile ?? config.profile ?? defaultProfile
  const written = await writeProfiles(file, new Map([...profiles, [profile, gathered.value]]))
  if (!written.ok) return written
  const { issuer, clientId } = gathered.value
  const text = `Logged in to ${issuer} as ${clientId}.\nThe profile "${profile}" is kept in ${file}.\n${useText(profile)}\n`
  const document = { profile, issuer, client_id: clientId, file }
  io.stdout.write(wishes.json ? safeJson(document) : safeText(text))
  return accept(undefined)
}

/** Its name is letters, digits and a few signs: no shell takes it for anything else. */
function useText(profile: string): string {
  const option = `--profile ${profile}`
  if (profile !== defaultProfile) return `Commands use it with ${option}.`
  return `Commands use it by themselves, but where the environment says where to work or ./${devFolder} is there. There they use it with ${option}.`
}

type LogoutWishes = { readonly profile: string | undefined; readonly json: boolean }

/** `countersign logout`: forgets what login kept. The secret itself goes on working. */
export async function logout(wishes: LogoutWishes, { env, stdout }: Io): ProgramOutcome {
  const kept = await openKept(env)
  if (!kept.ok) return kept
  const { config, file, profiles } = kept.value
  const profile = wishes.profile ?? config.profile ?? defaultProfile
  const gone = profiles.get(profile)
  if (gone === undefined) {
    return refuse({ reason: 'profile_unknown', profile, known: [...profiles.keys()] })
  }
  const rest = new Map([...profiles].filter(([name]) => name !== profile))
  const written = await writeProfiles(file, rest)
  if (!written.ok) return written
  const text = `Forgot the profile "${profile}".\nThe secret of ${gone.clientId} goes on working until it is removed.\n`
  const document = { profile, issuer: gone.issuer, client_id: gone.clientId }
  stdout.write(wishes.json ? safeJson(document) : safeText(text))
  return accept(undefined)
}

type Kept = {
  readonly config: LoginConfig
  readonly file: string
  readonly profiles: Profiles
}

async function openKept(env: Io['env']): Promise<Result<Kept, CommandRefusal>> {
  const config = readLoginConfig(env)
  if (!config.ok) return settingsWrong(config.refusal)
  const file = profilesFile(env)
  if (!file.ok) return file
  const profiles = await readProfiles(file.value)
  if (!profiles.ok) return profiles
  return accept({ config: config.value, file: file.value, profiles: profiles.value })
}

/** Takes what the environment says, and asks for the rest where there is somebody to ask. */
async function gather(given: LoginConfig, io: Io): Promise<Result<Login, CommandRefusal>> {
  const { issuer, clientId, clientSecret } = given
  if (issuer !== undefined && clientId !== undefined && clientSecret !== undefined) {
    return accept({ issuer, clientId, clientSecret })
  }
  if (io.stdin.isTTY !== true) return nobodyToAsk(given)
  const { ask, askHidden, close } = openQuestions(io)
  try {
    const server = await answered(issuer, () => ask('Issuer (the URL of the server): '), ofIssuer)
    if (!server.ok) return server
    const client = await answered(clientId, () => ask('Client ID: '), ofClientId)
    if (!client.ok) return client
    const hidden = () => askHidden('Client secret (not shown): ')
    const secret = await answered(clientSecret, hidden, ofSecret)
    if (!secret.ok) return secret
    return accept({ issuer: server.value, clientId: client.value, clientSecret: secret.value })
  } finally {
    close()
  }
}

function nobodyToAsk({ issuer, clientId, clientSecret }: LoginConfig) {
  const texts = { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret }
  const missing = Object.entries(texts).flatMap(([name, text]) =>
    text === undefined ? [name] : [],
  )
  const problems = missing.map(
    (name) => `COUNTERSIGN_${name} must be set: there is no terminal to ask at`,
  )
  return settingsRefused(...problems)
}

/** What was given, or else answers; each answer is looked at before the next question. */
async function answered(
  given: string | undefined,
  ask: () => Promise<string | undefined>,
  complaintOf: (text: string) => string | undefined,
): Promise<Result<string, CommandRefusal>> {
  if (given !== undefined) return accept(given)
  const answer = await ask()
  if (answer === undefined) return refuse({ reason: 'not_confirmed' })
  const complaint = complaintOf(answer)
  return complaint === undefined ? accept(answer) : settingsRefused(complaint)
}

function ofIssuer(text: string): string | undefined {
  const complaint = issuerComplaint(text)
  return complaint === undefined ? undefined : `the issuer must be ${complaint.replaceAll('`', '')}`
}

function ofClientId(text: string): string | undefined {
  if (parseClientIdText(text) !== undefined) return undefined
  return 'the client ID must be 1 to 255 visible characters'
}

function ofSecret(text: string): string | undefined {
  if (parseSecret(text) !== undefined) return undefined
  return 'that is not a whole client secret: its form or its checksum is wrong'
}

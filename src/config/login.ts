import { z } from 'zod'
import { issuerAccepts, issuerComplaint } from './issuer.ts'
import type { Environment, Reading } from './reading.ts'
import { accepted, read } from './reading.ts'
import { matching, parsed } from './setting.ts'

export const profileNameAccepts = '1 to 64 letters, digits, dots, dashes or underscores'

/** What a command line needs to speak to a server from afar, as far as the environment says it. */
export type LoginConfig = {
  readonly issuer: string | undefined
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  /** The profile to use instead of the three. */
  readonly profile: string | undefined
}

const loginSettings = z.object({
  COUNTERSIGN_ISSUER: parsed(
    issuerAccepts,
    (text) => (issuerComplaint(text) === undefined ? text : undefined),
    issuerComplaint,
  ).optional(),
  COUNTERSIGN_CLIENT_ID: parsed(
    'a client ID, at most 255 visible characters',
    parseClientIdText,
  ).optional(),
  COUNTERSIGN_CLIENT_SECRET: parsed(
    'a client secret, at most 255 visible characters',
    matching(/^[\x21-\x7e]{1,255}$/),
  ).optional(),
  COUNTERSIGN_PROFILE: parsed(profileNameAccepts, parseProfileName).optional(),
})

export function readLoginConfig(env: Environment): Reading<LoginConfig> {
  const given = read(loginSettings, env)
  if (!given.ok) return given

  return accepted({
    issuer: given.value.COUNTERSIGN_ISSUER,
    clientId: given.value.COUNTERSIGN_CLIENT_ID,
    clientSecret: given.value.COUNTERSIGN_CLIENT_SECRET,
    profile: given.value.COUNTERSIGN_PROFILE,
  })
}

/**
 * The folder for the settings of programs of this user; `undefined` where the environment names
 * neither it nor a home. A relative one is not taken (XDG Base Directory Specification).
 */
export function configFolder(env: Environment): string | undefined {
  const own = env['XDG_CONFIG_HOME'] ?? ''
  if (isAbsolute(own)) return own
  const home = env['HOME'] ?? env['USERPROFILE'] ?? ''
  return isAbsolute(home) ? `${home}/.config` : undefined
}

export function parseClientIdText(text: string): string | undefined {
  return /^[\x21-\x7e]{1,255}$/.test(text) ? text : undefined
}

export function parseProfileName(text: string): string | undefined {
  return /^[\w.-]{1,64}$/.test(text) ? text : undefined
}

function isAbsolute(path: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/])/.test(path)
}

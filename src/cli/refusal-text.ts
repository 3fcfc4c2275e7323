import type { VerifyRefusal } from '../crypto/verify-token.ts'
import { detailOf } from '../http/api/problems/problem.ts'
import type { ManagementRefusal } from '../http/api/problems/problem-table.ts'
import type { SchemaRefusal } from '../storage/migrate.ts'
import type { ApiRefusal } from './api-client.ts'
import type { ListenRefusal } from './address.ts'
import { listenRefusalText } from './address.ts'
import type { CheckpointFileRefusal } from './checkpoint-file.ts'
import type { HouseRefusal } from './command-house.ts'
import type { DatabaseRefusal } from './database-fault.ts'
import type { DemoRefusal } from './demo-file.ts'
import { devFolder } from './embedded.ts'
import { memberOf, textOf } from './json.ts'
import type { PlaceRefusal } from './place.ts'
import type { TextFileRefusal } from './text-file.ts'
import type { FolderLockRefusal } from './folder-lock.ts'

/** What only a command line can refuse. */
export type CommandLineRefusal =
  | { readonly reason: 'usage_wrong'; readonly problems: readonly string[] }
  | { readonly reason: 'confirmation_needed'; readonly consequence: string }
  | { readonly reason: 'not_confirmed' }
  /** Each by its name, or by its id where the name is not its own alone. */
  | { readonly reason: 'organization_needed'; readonly names: readonly string[] }
  | {
      readonly reason: 'nothing_named'
      readonly noun: string
      readonly text: string
      /** What it is found by, where that may not be what was meant. */
      readonly by?: string
    }
  | {
      readonly reason: 'several_named'
      readonly noun: string
      readonly text: string
      readonly ids: readonly string[]
    }
  | { readonly reason: 'done_elsewhere'; readonly how: string }
  /** What was made is there; what only the first answer shows is nowhere. */
  | { readonly reason: 'secret_lost'; readonly what: string; readonly remedy: string }
  /** It was told to work at a server, and can do so only beside the database. */
  | { readonly reason: 'database_needed'; readonly wished: string }
  /** Only members have what is asked for, and this is somebody else. */
  | { readonly reason: 'member_needed'; readonly id: string; readonly type: string }

/** What a command refuses by itself. */
type OwnRefusal =
  | CommandLineRefusal
  | HouseRefusal
  | DatabaseRefusal
  | PlaceRefusal
  | ApiRefusal
  | DemoRefusal
  | SchemaRefusal
  | FolderLockRefusal
  | ListenRefusal
  | VerifyRefusal
  | CheckpointFileRefusal
  | TextFileRefusal

export type CommandRefusal = OwnRefusal | ManagementRefusal

type Facts = {
  [Reason in OwnRefusal['reason']]: Extract<OwnRefusal, { readonly reason: Reason }>
}

type Words = { readonly [Reason in keyof Facts]: (facts: Facts[Reason]) => string }

/** What a refusal means, in words for the person at the terminal, and with what to do next. */
export function refusalText(refusal: CommandRefusal): string {
  if (isOwn(refusal)) return say(refusal.reason, refusal)
  const next = nextCommands(refusal.reason, refusal)
  return linesText(detailOf(refusal), next)
}

function isOwn(refusal: CommandRefusal): refusal is OwnRefusal {
  return refusal.reason in words
}

function say<Reason extends keyof Facts>(reason: Reason, facts: Facts[Reason]): string {
  return words[reason](facts)
}

/** For each line of a detail, the command that helps. */
function nextCommands(code: string, problem: unknown): readonly string[] {
  const takePermission = 'role change <role> --remove-permission …'
  switch (code) {
    case 'api_in_use':
      return [
        ...(memberOf(problem, 'is_default') === true
          ? ['organization change <organization> --default-api none']
          : []),
        takePermission,
      ]
    case 'permission_in_use':
      return [takePermission]
    case 'invitation_exists':
      return [`invitation remove ${textOf(problem, 'invitation')}`]
    case 'role_in_use':
      return ['binding list --role …']
    case 'signing_key_not_opened':
      return [`keys revoke ${textOf(problem, 'kid')}`]
    default:
      return []
  }
}

function linesText(detail: string, next: readonly string[]): string {
  return detail
    .split('\n')
    .map((line, at) => (next[at] === undefined ? line : `${line} (countersign ${next[at]})`))
    .join('\n')
}

const words: Words = {
  usage_wrong: ({ problems }) => problems.join('\n'),
  confirmation_needed: ({ consequence }) => `${consequence}\nSay --yes if that is what you want.`,
  not_confirmed: () => 'nothing was changed',
  organization_needed: ({ names }) =>
    names.length === 0
      ? 'there is no organization yet: countersign organization create <name>'
      : `say which organization: --organization ${choiceOf(names)}`,
  nothing_named: ({ noun, text, by }) =>
    `there is no ${noun} ${JSON.stringify(text)}${by === undefined ? '' : `: it is found by its ${by} or its id`}`,
  several_named: ({ noun, text, ids }) =>
    `several are called ${JSON.stringify(text)}: say which ${noun} by its id, ${choiceOf(ids)}`,
  done_elsewhere: ({ how }) => how,
  member_needed: ({ id, type }) =>
    `only members have application keys, and only they see them: ${id} is ${type === 'operator' ? 'an operator' : 'a service account'}. Log in with a key of your own (countersign login)`,
  database_away: ({ why }) => `the database does not answer${why === undefined ? '' : `: ${why}`}`,
  settings_wrong: ({ problems }) => problems.join('\n'),
  database_not_ready: ({ problem }) => problem,
  migration_altered: ({ name }) =>
    `${name} was altered after it had been applied. Restore the file as it was; a change of the schema is a new migration.`,
  schema_too_new: ({ name, leastProgram, program }) =>
    `the database has ${name}, which needs program ${leastProgram} or later; this is ${program}.`,
  postgres_too_old: ({ version }) =>
    `the database is PostgreSQL ${version}; 15 or later is needed.`,
  folder_in_use: ({ holder, profiles }) =>
    `process ${holder} is using ./${devFolder}: stop it first, ${insteadOfFolder(profiles)}`,
  demo_unusable: ({ problem }) => `${problem}: remove ./${devFolder} to start anew`,
  address_unavailable: listenRefusalText,

  call_refused: ({ code, detail, problem }) =>
    linesText(detail.replaceAll('query cursor:', '--after:'), nextCommands(code, problem)),
  place_ambiguous: () =>
    'DATABASE_URL names a database and COUNTERSIGN_… a server: say which is meant, --direct or --remote',
  place_needed: () =>
    `say where: countersign login for a server, or DATABASE_URL for its database; there is no ./${devFolder} here`,
  database_needed: ({ wished }) =>
    `this works beside the database alone, with DATABASE_URL and the other settings of serve. ${wished} names a server, where it takes an operator who is signed in: no client is one`,
  home_unknown: () => 'HOME or XDG_CONFIG_HOME must be set: profiles are kept below it',
  profiles_exposed: ({ file }) =>
    `others can read ${file}, which holds secrets: chmod 600 ${file}, and make new secrets if somebody may have`,
  profiles_unreadable: ({ file, why }) => `${file} cannot be used: ${why}`,
  profile_unknown: ({ profile, known }) =>
    `there is no profile "${profile}"${known.length === 0 ? ': countersign login makes one' : `, only ${choiceOf(known)}`}`,
  login_needed: () =>
    'say which server: countersign login, or COUNTERSIGN_ISSUER, COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET in the environment',
  management_not_granted: ({ client }) =>
    `the secret is right, but ${client} holds nothing at the management API: grant it a role such as Viewer first (countersign binding create Viewer --account ${client})`,
  server_away: ({ url, why }) => `no answer from ${url}${why === undefined ? '' : `: ${why}`}`,
  answer_lost: ({ times, why }) =>
    `no answer came, asked ${times} times${why === undefined ? '' : `: ${why}`}. It may be done all the same: look before you ask again`,
  secret_lost: ({ what, remedy }) =>
    `it is done, but the answer with the ${what} was lost on the way, and shows it once: ${remedy}`,
  answer_cut: ({ url, why }) =>
    `the answer from ${url} broke off${why === undefined ? '' : `: ${why}`}. What was printed is good, and is not all`,
  server_strange: ({ url, status }) =>
    `${url} does not answer as this server does (status ${status}): is the issuer right?`,
  token_refused: ({ error, description, issuer, traceId }) =>
    `${issuer} gives no token: ${description === '' ? error : `${description} (${error})`}${traceId === undefined ? '' : `, trace id ${traceId}`}`,

  checkpoint_invalid: ({ file, what }) => `${file} is no good checkpoint: ${what}`,
  file_unusable: ({ file, why }) => `${file} cannot be used: ${why}`,

  token_invalid: ({ what }) => `not a good token: ${what}`,
  metadata_mismatched: ({ issuer }) => `the metadata found there is of another issuer: ${issuer}`,
  issuer_unreachable: ({ url }) => `no answer from ${url}`,
}

/** What works while another process has the folder: for `dev` itself another one, else its server. */
function insteadOfFolder(profiles: readonly string[] | undefined): string {
  if (profiles === undefined) return 'start in another folder, or use PostgreSQL'
  if (profiles.length > 0) return `or work at a server: --profile ${choiceOf(profiles)}`
  return 'or work at a server: countersign login, and then --profile default'
}

const namesShownMax = 5

function choiceOf(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).map((name) => JSON.stringify(name))
  return [...shown, ...(names.length > namesShownMax ? ['…'] : [])].join(' | ')
}

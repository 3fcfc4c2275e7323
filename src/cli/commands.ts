import { settingDefaults } from '../config.ts'
import { accountCommands } from './account.ts'
import { audienceApprovalCommands } from './audience-approval.ts'
import { auditCommands } from './audit.ts'
import { apiCommands } from './api.ts'
import { applicationKeyCommands } from './application-key.ts'
import { bindingCommands } from './binding.ts'
import { clientPrograms } from './client-programs.ts'
import { openCommandHouse } from './command-house.ts'
import type { Commands } from './command-line.ts'
import { runCommandLine } from './command-line.ts'
import { completion } from './completion.ts'
import type { World } from './desks.ts'
import { dev } from './dev.ts'
import { audienceField, emailField, issuerField } from './fields.ts'
import { groupCommands } from './group.ts'
import { keysCommands } from './keys.ts'
import type { NounCommands } from './help.ts'
import { flag, optional, required } from './inputs.ts'
import { invitationCommands } from './invitation.ts'
import type { ExitCode, Io } from './io.ts'
import { memberCommands } from './member.ts'
import { migrateCommand } from './migrate.ts'
import { organizationCommands } from './organization.ts'
import type { Program } from './program.ts'
import { program } from './program.ts'
import { recover } from './recover.ts'
import { recoveryLink } from './recovery-link.ts'
import { roleCommands } from './role.ts'
import { secretCommands } from './secret.ts'
import { serve } from './serve.ts'
import { systemClock } from '../house.ts'
import { setupLink } from './setup-link.ts'
import { verify } from './verify.ts'

/** The commands that stand alone. */
const programs: readonly Program[] = [
  program({
    name: 'dev',
    summary: 'Try it out: server, database and a demo in one process',
    notes: [
      'Everything is kept in ./.countersign. HOST, PORT and the other settings come from the environment.',
    ],
    arguments: {},
    options: {
      json: flag('Say where it is and how to get a token in one JSON line'),
      newSecret: flag('Make new secrets for the demo accounts'),
    },
    run: dev,
  }),
  program({
    name: 'serve',
    summary: 'Run the server over PostgreSQL',
    notes: [
      'All settings come from the environment: ISSUER, DATABASE_URL and KEY_ENCRYPTION_KEY are needed. The schema is brought up to date first.',
    ],
    settings: settingDefaults(),
    arguments: {},
    options: {},
    run: serve,
  }),
  program({
    name: 'migrate',
    summary: 'Bring the schema of the database up to date',
    notes: [],
    arguments: {},
    options: {
      print: flag('Print the SQL instead of applying it'),
      status: flag('Say what is applied and what is pending'),
      json: flag('Answer with one JSON document'),
    },
    run: migrateCommand,
  }),
  program({
    name: 'setup-link',
    summary: 'Print the link by which the first operator comes in',
    notes: [
      'Good once and for a day; another one replaces it. There is none once the server has an operator: then they invite.',
    ],
    arguments: {},
    options: { json: flag('Answer with one JSON document') },
    run: setupLink,
  }),
  program({
    name: 'recovery-link',
    summary: 'Print a link by which a person who cannot sign in chooses a new password',
    notes: [
      'For whoever has no Owner to ask, or is an operator. Good once and for a day; another one replaces it. Using it takes the second factor away.',
    ],
    arguments: { email: required(emailField, 'Of the person') },
    options: { json: flag('Answer with one JSON document') },
    run: recoveryLink,
  }),
  program({
    name: 'recover',
    summary: 'Give the change log a new epoch, after a backup was restored',
    notes: [
      'Run it on the restored database before it serves, or at once when it does. Says until when the database knows what was done.',
    ],
    arguments: {},
    options: {
      yes: flag('Do it without asking'),
      json: flag('Answer with one JSON document'),
    },
    run: recover,
  }),
  program({
    name: 'verify',
    summary: 'Verify a token from standard input, and print its claims',
    notes: ['Takes the token, or the whole answer of the token endpoint.'],
    arguments: {},
    options: {
      issuer: optional(issuerField, 'Whose token it is; ISSUER unless said'),
      audience: optional(audienceField, 'The API that it must be for'),
    },
    run: verify,
  }),
  ...clientPrograms,
  completion(() => commands),
]

/** What takes a person who is signed in. */
const applicationKeysElsewhere = {
  verbs: ['create', 'change', 'disable', 'enable', 'remove'],
  how: 'the member makes, changes and removes their own application keys, signed in: see /api/v1/docs of the server. No token can, and no operator',
}

/** The commands on what the server knows, by noun. */
const nouns: readonly NounCommands[] = [
  { noun: 'organization', meaning: 'the tenants of this server', commands: organizationCommands },
  { noun: 'api', meaning: 'resource servers and their permissions', commands: apiCommands },
  { noun: 'role', meaning: 'named sets of permissions', commands: roleCommands },
  {
    noun: 'group',
    meaning: 'accounts and members that hold the same roles',
    commands: groupCommands,
  },
  { noun: 'account', meaning: 'service accounts, which get tokens', commands: accountCommands },
  { noun: 'secret', meaning: 'what an account proves itself with', commands: secretCommands },
  {
    noun: 'binding',
    meaning: 'roles granted to accounts, members and groups',
    commands: bindingCommands,
  },
  { noun: 'member', meaning: 'people in an organization', commands: memberCommands },
  { noun: 'invitation', meaning: 'by which people become members', commands: invitationCommands },
  {
    noun: 'application-key',
    meaning: 'by which programs act as a member: your own',
    commands: applicationKeyCommands,
    elsewhere: applicationKeysElsewhere,
  },
  {
    noun: 'audience-approval',
    meaning: 'audiences that an operator lets organizations register',
    commands: audienceApprovalCommands,
  },
  { noun: 'audit', meaning: 'what was done, and that it is whole', commands: auditCommands },
  { noun: 'keys', meaning: 'the keys that sign, of the whole server', commands: keysCommands },
]

const commands: Commands = { programs, nouns }

const realWorld: World = { open: openCommandHouse, clock: systemClock }

/** Does what a command line says. Faults of the program itself are thrown. */
export async function run(
  argv: readonly string[],
  io: Io,
  world: World = realWorld,
): Promise<ExitCode> {
  return runCommandLine(commands, argv, io, world)
}

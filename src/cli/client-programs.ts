import { audienceField, profileField, scopeField, serverField } from './fields.ts'
import { flag, optional, repeated } from './inputs.ts'
import { login, logout } from './login.ts'
import { program } from './program.ts'
import { placeInputs } from './place.ts'
import { token } from './token.ts'
import { whoami } from './whoami.ts'

const profile = optional(profileField, 'The profile to use')
const json = flag('Answer with one JSON document')

const where =
  'The server and the client are those of --profile; else COUNTERSIGN_ISSUER, COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET, or COUNTERSIGN_PROFILE; else the profile "default", which countersign login makes.'

/** The commands that stand alone and speak to a server from afar. */
export const clientPrograms = [
  program({
    name: 'login',
    summary: 'Keep client credentials for a server, so that commands work there',
    notes: [
      'COUNTERSIGN_ISSUER, COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET are taken from the environment; what is not there is asked at the terminal. The server has to accept them. They are kept in countersign/profiles.json below XDG_CONFIG_HOME or ~/.config, where only you can read them.',
    ],
    examples: ['login --issuer https://id.example.com', 'login --profile staging'],
    afar: true,
    arguments: {},
    options: {
      profile: optional(profileField, 'Under which name; "default" unless said'),
      issuer: optional(serverField, 'The server'),
      json,
    },
    run: login,
  }),
  program({
    name: 'logout',
    summary: 'Forget what login kept',
    notes: ['The client secret itself goes on working until it is removed.'],
    afar: true,
    arguments: {},
    options: { profile: optional(profileField, 'Which; "default" unless said'), json },
    run: logout,
  }),
  program({
    name: 'whoami',
    summary: 'Show who commands act as, where, and what they may',
    notes: [
      'It acts as the commands on the nouns do where it is called: as the client of --profile or the environment, or as the operator beside the database. From afar it fetches a token for the management API and shows what that holds.',
    ],
    examples: ['whoami', 'whoami --profile staging --json'],
    afar: true,
    arguments: {},
    options: { ...placeInputs, json },
    run: whoami,
  }),
  program({
    name: 'token',
    summary: 'Fetch a token, and print it for scripts',
    notes: [where],
    examples: [
      'token --resource https://orders.example.com',
      'token --header --scope orders:read | curl -H @- https://orders.example.com/v1',
    ],
    afar: true,
    arguments: {},
    options: {
      profile,
      resource: optional(audienceField, 'The API that it is for (RFC 8707)'),
      audience: optional(audienceField, 'The same'),
      scope: repeated(scopeField, 'Only this much'),
      header: flag('Print a header line: Authorization: Bearer …'),
      json: flag('Print the whole answer of the token endpoint'),
    },
    run: token,
  }),
]

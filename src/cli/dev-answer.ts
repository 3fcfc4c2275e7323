import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Audience } from '../domain/api.ts'
import type { ServiceAccountId } from '../domain/id.ts'
import type { ClientSecret } from '../domain/secret.ts'
import { jwksPath, tokenPath } from '../protocol/metadata.ts'
import { devFolder } from './embedded.ts'

/** What `dev` tells whoever started it. */
export type DevAnswer = {
  readonly issuer: string
  readonly audience: Audience
  readonly main: DevAccount
  readonly second: DevAccount
  /** The way in for the first operator, as long as there is none; made anew at each start. */
  readonly setupLink: string | undefined
}

export type DevAccount = {
  readonly id: ServiceAccountId
  readonly name: string
  /** How it comes by its roles, in words. */
  readonly access: string
  /** Only if it was made just now. */
  readonly secret: ClientSecret | undefined
}

/** The answer for scripts: one line of JSON. */
export function jsonText({ issuer, audience, main, second, setupLink }: DevAnswer): string {
  return `${JSON.stringify({
    issuer,
    token_endpoint: `${issuer}${tokenPath}`,
    jwks_uri: `${issuer}${jwksPath}`,
    audience,
    client_id: main.id,
    client_secret: main.secret ?? null,
    accounts: [main, second].map(({ name, id, secret }) => ({
      name,
      client_id: id,
      client_secret: secret ?? null,
    })),
    setup_link: setupLink ?? null,
  })}\n`
}

/** The answer for people: what it is, what to paste, and what to expect of it. */
export function bannerText(answer: DevAnswer): string {
  const { issuer, audience, main, second, setupLink } = answer
  const parts = [
    `Countersign is listening on ${issuer}

For trying out: one process, its database in ./${devFolder}, not safe against
power loss. The real thing is "countersign serve" on PostgreSQL.`,
    accountText(main),
    accountText(second),
    main.secret === undefined ? withoutSecret(answer) : withSecret(answer, main.secret),
    `The token is for the API ${audience}.`,
    ...(setupLink === undefined ? [] : [peopleText(setupLink)]),
    'Ctrl-C stops the server.',
  ]
  return `\n${parts.join('\n\n')}\n\n`
}

function accountText({ name, access, id, secret }: DevAccount): string {
  const lines = [`Account ${name}, with ${access}`, `  client ID      ${id}`]
  if (secret !== undefined) lines.push(`  client secret  ${secret}`)
  return lines.join('\n')
}

function peopleText(setupLink: string): string {
  return `People come in by a link. This one is for the first operator, good once:

  ${setupLink}

Name your organization Demo to look after the accounts above.`
}

function withSecret({ issuer, audience, main }: DevAnswer, secret: ClientSecret): string {
  const curl = curlLine(issuer, `${main.id}:${secret}`)
  return `The secrets are not shown again; "--new-secret" replaces them.

For a shell:

  export ISSUER=${issuer}
  export TOKEN_ENDPOINT=${issuer}${tokenPath}
  export CLIENT_ID=${main.id}
  export CLIENT_SECRET=${secret}
  export AUDIENCE=${audience}

Get a token:

  ${curl}

Get one and verify it with the published keys:

  ${curl} | ${command()} verify --issuer ${issuer} --audience ${audience}`
}

function withoutSecret({ issuer, audience }: DevAnswer): string {
  const curl = curlLine(issuer, '"$CLIENT_ID:$CLIENT_SECRET"')
  return `Keys and accounts are as they were; the secrets were shown when they were made.
"${command()} dev --new-secret" replaces them.

Get a token, and verify it with the published keys:

  ${curl} | ${command()} verify --issuer ${issuer} --audience ${audience}`
}

function curlLine(issuer: string, user: string): string {
  return `curl -s -u ${user} -d grant_type=client_credentials ${issuer}${tokenPath}`
}

/** How this very program is called: from a clone npm brings the right Node along. */
function command(): string {
  const isClone = existsSync(join(import.meta.dirname, '..', 'main.ts'))
  return isClone ? 'npm run -s countersign --' : 'countersign'
}

import { z } from 'zod'
import { parseName } from '../domain/name.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { endText } from './answer-text.ts'
import type { CreatedCredentialAnswer } from './answers.ts'
import { createdCredentialAnswer } from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { command } from './command.ts'
import { fileField, handleField, hashField, nameField, reference, whenField } from './fields.ts'
import { findAccount } from './find.ts'
import { optional, required } from './inputs.ts'
import { memberOf, parseJson } from './json.ts'
import { facts, underHeadline } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { credentialText } from './secret-text.ts'
import { fileName } from './text-file.ts'

/**
 * Makes a client secret, or registers the hash of one that was made elsewhere: then no secret is in
 * what is asked or answered.
 */
export const create = command({
  verb: 'create',
  summary: 'Make a client secret and show it this once, or register one made elsewhere',
  notes: [
    'The secret is shown in the answer and never again: only its hash is kept. An account can have ten at once, so that a new one can be in use before the old one goes.',
    'With --body, or --handle and --hash, it registers what countersign secret generate printed: the secret stays where it was made, and no server sees it before it is used. --body - reads standard input.',
  ],
  arguments: {
    account: required(reference('account'), 'Its name or client ID'),
    name: optional(nameField, 'Where it will be used; needed unless the body says it'),
  },
  options: {
    expires: optional(whenField, 'When it stops working'),
    body: optional(fileField, 'A file with what secret generate --json printed'),
    handle: optional(handleField, 'The handle of a secret made elsewhere'),
    hash: optional(hashField, 'Its hash, in PHC form'),
  },
  examples: [
    'secret create ci github --expires 90d',
    'secret create ci github --json | jq -r .client_secret',
    'secret create ci --body made.json',
  ],
  run: async (desk, given) => {
    const elsewhere = await madeElsewhere(desk, given)
    if (!elsewhere.ok) return elsewhere
    const { name = given.name, ...proof } = elsewhere.value
    if (name === undefined) return misunderstood('<name> must be given')
    const found = await findAccount(desk, given.account)
    if (!found.ok) return found
    const path = desk.inside('service-accounts', found.value.id, 'credentials')
    const expires = given.expires === undefined ? undefined : isoText(given.expires)
    const body = { name, expires_at: expires, ...proof }
    const created = await desk.api.ask({ method: 'POST', path, body }, createdCredentialAnswer)
    if (!created.ok) return created
    return proof.hash === undefined
      ? shownOnce(created.value)
      : accept({ document: created.value, text: registeredText(created.value, desk) })
  },
})

type Elsewhere = {
  readonly name?: string | undefined
  readonly handle?: string | undefined
  readonly hash?: string | undefined
}

type Given = Elsewhere & { readonly body: string | undefined }

/** What of a secret is for the server, if the secret was made elsewhere. */
async function madeElsewhere(
  { readText }: OrganizationDesk,
  { name, body: file, handle, hash }: Given,
): Promise<Result<Elsewhere, CommandRefusal>> {
  if ((handle === undefined) !== (hash === undefined)) {
    return misunderstood('--handle and --hash go together')
  }
  if (file === undefined) return accept({ handle, hash })
  if (handle !== undefined) return misunderstood('say --body, or --handle and --hash')
  const text = await readText(file)
  if (!text.ok) return text
  const read = bodyIn(text.value)
  if (read === undefined) {
    const why = 'it is not what countersign secret generate --json prints'
    return refuse({ reason: 'file_unusable', file: fileName(file), why })
  }
  return accept({ ...read, name: name ?? read.name })
}

const generated = z.object({
  name: z
    .string()
    .refine((text) => parseName(text) !== undefined)
    .optional(),
  handle: z.string().refine((text) => handleField.parse(text) !== undefined),
  hash: z.string().refine((text) => hashField.parse(text) !== undefined),
})

/** The body, or the whole that was printed with it: of that the secret is left where it is. */
function bodyIn(text: string): Elsewhere | undefined {
  const document = parseJson(text)
  return generated.safeParse(memberOf(document, 'body') ?? document).data
}

async function shownOnce(created: CreatedCredentialAnswer): Outcome {
  const { client_id: client, client_secret: secret, ...credential } = created
  if (secret === undefined) {
    const remedy = `remove it (countersign secret remove ${client} ${credential.id}) and make another`
    return refuse({ reason: 'secret_lost', what: 'secret', remedy })
  }
  const shown = facts([
    ['client ID', client],
    ['client secret', secret],
    ['name', credential.name],
    ['id', credential.id],
    ['expires', endText(credential.expires_at)],
  ])
  return accept({
    document: created,
    text: `${shown}\nFor a shell:\n\n  export CLIENT_ID=${client}\n  export CLIENT_SECRET=${secret}\n\nKeep it now: it will not be shown again.\n`,
  })
}

function registeredText(created: CreatedCredentialAnswer, { now }: OrganizationDesk): string {
  const shown = underHeadline(
    `Registered the secret "${created.name}".`,
    credentialText(created, now),
  )
  return `${shown}\nThe secret itself is where it was made, and nowhere else.\n`
}

function misunderstood(problem: string) {
  return refuse({ reason: 'usage_wrong', problems: [problem] })
}

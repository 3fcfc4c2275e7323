import { openSecrets } from '../crypto/secrets.ts'
import { accept } from '../domain/result.ts'
import { localCommand } from './command.ts'
import { nameField } from './fields.ts'
import { optional } from './inputs.ts'
import { facts } from './print.ts'

/**
 * Makes a client secret where it will be used. Only its handle and its hash are for the server, which
 * so never sees it, and neither does whatever registers it: see docs/cli.md.
 */
export const generate = localCommand({
  verb: 'generate',
  summary: 'Make a client secret here, and what to register of it',
  notes: [
    'Nothing leaves this machine. The server needs the handle and the hash alone, which nobody can turn back into the secret: register them with countersign secret create <account> --body, or send the body to /service-accounts/<id>/credentials of the management API.',
  ],
  arguments: {},
  options: { name: optional(nameField, 'The name in the body: where it will be used') },
  examples: [
    'secret generate --name terraform --json > made.json',
    'secret create ci --body made.json',
  ],
  run: async ({ name }) => {
    const { generate: make, hash } = await openSecrets()
    const { secret, handle } = make()
    const body = { ...(name === undefined ? {} : { name }), handle, hash: await hash(secret) }
    const shown = facts([
      ['client secret', secret],
      ['handle', handle],
    ])
    return accept({
      document: { client_secret: secret, body },
      text: `${shown}\nKeep the secret now: it is nowhere else. What to register (countersign secret create <account> --body -):\n\n  ${JSON.stringify(body)}\n`,
    })
  },
})

import { tokens } from '../crypto/tokens.ts'
import { accept } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { createSetupLink } from '../management/setup.ts'
import { openCommandHouse } from './command-house.ts'
import type { Io } from './io.ts'
import { operatorAct } from './operator.ts'
import type { ProgramOutcome } from './program.ts'
import { settingsRefused } from './settings.ts'

/** `countersign setup-link`: the way in for the first operator, from whoever is beside the database. */
export async function setupLink({ json }: { readonly json: boolean }, io: Io): ProgramOutcome {
  const opened = await openCommandHouse(io)
  if (!opened.ok) return opened
  const house = opened.value
  try {
    if (house.issuer === undefined) return settingsRefused('ISSUER is needed: the link leads there')
    const ports = { db: house.db, issuer: house.issuer, tokens: tokens() }
    const outcome = await createSetupLink(ports, operatorAct(house))
    if (!outcome.ok) return outcome
    const { link, expiresAt } = outcome.value
    const until = isoText(expiresAt)
    io.stdout.write(
      json
        ? `${JSON.stringify({ link, expires_at: until })}\n`
        : `${link}\n\nWhoever uses it becomes the first operator. It is good once, until ${until}, and replaces any link before it.\n`,
    )
    return accept(undefined)
  } finally {
    await house.close()
  }
}

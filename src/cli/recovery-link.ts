import { tokens } from '../crypto/tokens.ts'
import type { Email } from '../domain/person.ts'
import { accept, refuse } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { createRecoveryLinkOf } from '../management/recovery.ts'
import { findPersonByEmail } from '../storage/people.ts'
import { openCommandHouse } from './command-house.ts'
import type { Io } from './io.ts'
import { operatorAct } from './operator.ts'
import type { ProgramOutcome } from './program.ts'
import { settingsRefused } from './settings.ts'

type Wishes = { readonly email: Email; readonly json: boolean }

/** `countersign recovery-link`: for whoever cannot sign in and has nobody in the server to ask. */
export async function recoveryLink({ email, json }: Wishes, io: Io): ProgramOutcome {
  const opened = await openCommandHouse(io)
  if (!opened.ok) return opened
  const house = opened.value
  const { db, issuer } = house
  try {
    if (issuer === undefined) return settingsRefused('ISSUER is needed: the link leads there')
    const person = await findPersonByEmail(db.management, email)
    if (person === undefined)
      return refuse({ reason: 'nothing_named', noun: 'person', text: email })
    const ports = { db, issuer, tokens: tokens() }
    const outcome = await createRecoveryLinkOf(ports, operatorAct(house), person.id)
    if (!outcome.ok) return outcome
    const { link, expiresAt } = outcome.value
    const until = isoText(expiresAt)
    io.stdout.write(
      json
        ? `${JSON.stringify({ link, expires_at: until })}\n`
        : `${link}\n\nBy it ${person.name} chooses a new password; the second factor goes, and all sessions end. It is good once, until ${until}, and replaces any link before it.\n`,
    )
    return accept(undefined)
  } finally {
    await house.close()
  }
}

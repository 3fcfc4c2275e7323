import type { PersonId } from '../domain/id.ts'
import type { Email } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { Totp } from '../ports/totp.ts'
import type { Database } from '../storage/database.ts'
import { findPerson } from '../storage/people.ts'
import { listTotp, setTotpSeal } from '../storage/totp.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { OperatorRefusal } from './permitted.ts'
import { asOperator } from './permitted.ts'
import { unchanged } from './written.ts'

/** How many of those whose second factor cannot be opened are named. */
const unopenedNamedMax = 1000

export type RewrappedTotp = {
  readonly moved: number
  /** How many secrets could not be opened, and were left as they are. */
  readonly unopened: number
  /** Whose they are: those that come first, at most `unopenedNamedMax`. */
  readonly people: readonly Email[]
}

type Ports = { readonly db: Database; readonly totp: Pick<Totp, 'reseal'> }

/**
 * Seals the secrets of all second factors under the current key-encryption key, a page at a time:
 * whoever signs in meanwhile waits for one page and not for all. Cut short, it goes on where it is
 * begun again.
 *
 * What cannot be opened stays: to take a second factor away because a key is lost would let a
 * password alone in. A recovery link takes it away, from the person whom somebody vouches for.
 */
export async function rewrapTotp(
  { db, totp }: Ports,
  act: Act,
): Promise<Result<RewrappedTotp, OperatorRefusal>> {
  let all: RewrappedTotp = { moved: 0, unopened: 0, people: [] }
  let start: PersonId | undefined
  do {
    const page = await asOperator<Sealed, OperatorRefusal>(db, 'server', act, async (tx) =>
      accept(written(await sealAnew(tx, totp, start))),
    )
    if (!page.ok) return page
    const { moved, unopened, people, last } = page.value
    all = {
      moved: all.moved + moved,
      unopened: all.unopened + unopened,
      people: [...all.people, ...people].slice(0, unopenedNamedMax),
    }
    start = last
  } while (start !== undefined)
  return accept(all)
}

/** One page; `last` is where the next one begins, if there is any. */
type Sealed = RewrappedTotp & { readonly to: string; readonly last: PersonId | undefined }

async function sealAnew(tx: Tx, totp: Ports['totp'], start: PersonId | undefined): Promise<Sealed> {
  const page = await listTotp(tx, start)
  const people: Email[] = []
  let [moved, unopened, to] = [0, 0, '']
  for (const stored of page) {
    const seal = await totp.reseal(stored)
    if (!seal.ok) {
      const person = await findPerson(tx, stored.person)
      if (person !== undefined) people.push(person.email)
      unopened += 1
    } else if (stored.keyEncryptionKeyId !== seal.value.keyEncryptionKeyId) {
      await setTotpSeal(tx, stored.person, seal.value)
      to = seal.value.keyEncryptionKeyId
      moved += 1
    }
  }
  return { moved, unopened, people, to, last: page.at(-1)?.person }
}

function written(page: Sealed): Written<Sealed> {
  const { moved, to } = page
  if (moved === 0) return unchanged(page).value
  return {
    value: page,
    audit: [
      {
        kind: 'key_encryption_key.changed',
        target: { type: 'key_encryption_key', id: to },
        after: { id: to, second_factors: moved },
      },
    ],
    changes: [{ kind: 'person', organization: undefined, subject: 'totp' }],
  }
}

/**
 * The management plane: what people and their tools do to the nouns, a file per noun. Every write is
 * checks and work inside one transaction, under the lock of its organization, so that a check still
 * holds when its write is committed. Nothing here knows HTTP, a terminal or SQL.
 *
 * Asking for what is already so is accepted and writes nothing; naming what is not there is refused.
 */
import type { Passwords } from '../ports/passwords.ts'
import type { Random } from '../ports/random.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { SignIns } from '../ports/sign-ins.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { Totp } from '../ports/totp.ts'
import type { Database } from '../storage/database.ts'

export type ManagementPorts = {
  readonly db: Database
  readonly random: Pick<Random, 'id'>
  readonly secrets: Pick<Secrets, 'generate' | 'hash'>
  readonly issuer: string
}

/** What it takes beside that to know people: how they prove who they are, and where they are signed in. */
export type PeoplePorts = ManagementPorts & {
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly totp: Totp
  readonly signIns: SignIns
}

/** What the verbs take and give beside the nouns themselves. */
export type { Act } from '../storage/tx.ts'
export type { GroupMember } from '../storage/groups.ts'
export type { NamedBinding } from '../storage/bindings.ts'
export type { ConcernRefusal } from '../storage/transaction.ts'
export type { Page } from '../storage/page.ts'

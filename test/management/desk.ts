import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import { afterAll, beforeAll } from 'vitest'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { Api, Audience } from '../../src/domain/api.ts'
import { parseAudience } from '../../src/domain/api.ts'
import type { ResourceName } from '../../src/domain/binding.ts'
import { parseResourceName } from '../../src/domain/binding.ts'
import type { Group } from '../../src/domain/group.ts'
import type { OrganizationId } from '../../src/domain/id.ts'
import type { Description, Name } from '../../src/domain/name.ts'
import { parseDescription, parseName } from '../../src/domain/name.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import type { Organization } from '../../src/domain/organization.ts'
import type { Permission } from '../../src/domain/permission.ts'
import { parsePermission } from '../../src/domain/permission.ts'
import { parseEmail } from '../../src/domain/person.ts'
import { accept } from '../../src/domain/result.ts'
import type { Role } from '../../src/domain/role.ts'
import type { ServiceAccount } from '../../src/domain/service-account.ts'
import type { NumericDate } from '../../src/domain/time.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { peoplePorts } from '../../src/house/people-ports.ts'
import { registerApi } from '../../src/management/apis.ts'
import { createGroup } from '../../src/management/groups.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import type { PeoplePorts } from '../../src/management/ports.ts'
import { createRole } from '../../src/management/roles.ts'
import type { ServiceAccountCreation } from '../../src/management/service-accounts.ts'
import { createServiceAccount } from '../../src/management/service-accounts.ts'
import type { Secrets } from '../../src/ports/secrets.ts'
import { addMember } from '../../src/storage/members.ts'
import { addPerson } from '../../src/storage/people.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Act } from '../../src/storage/tx.ts'
import type { TestClock } from '../support/clock.ts'
import { testClock } from '../support/clock.ts'
import { testKeyEncryptionKey } from '../support/house.ts'
import { openTestDatabase } from '../support/database.ts'
import { accepted } from '../support/operator.ts'

export { accepted }

export const issuer = 'https://id.example.com'

/** Where the management plane is used from: its ports over a real database, and an operator. */
export type Desk = PeoplePorts & {
  readonly act: Act
  readonly clock: TestClock
  readonly random: ReturnType<typeof systemRandom>
  readonly secrets: Secrets
}

/** One database for a file of tests; each test brings an organization of its own. */
export function useDesk(open = openTestDatabase): () => Desk {
  let opened: Omit<Desk, 'act'>
  beforeAll(async () => {
    const clock = testClock()
    opened = {
      db: await open(),
      clock,
      random: systemRandom(clock),
      secrets: await openSecrets(),
      ...peoplePorts([testKeyEncryptionKey], clock),
      issuer,
    }
  })
  afterAll(async () => opened.db.close())
  return () => ({ ...opened, act: actOf(opened.clock) })
}

function actOf(clock: TestClock): Act {
  return {
    actor: { type: 'operator', id: 'operator:ada', name: 'ada' },
    at: clock.now(),
    traceId: 'a'.repeat(32),
  }
}

export function name(text: string): Name {
  return known(parseName(text))
}

export function description(text: string): Description {
  return known(parseDescription(text))
}

export function permission(text: string): Permission {
  return known(parsePermission(text))
}

export function audience(text: string): Audience {
  return known(parseAudience(text))
}

export function resource(text: string): ResourceName {
  return known(parseResourceName(text))
}

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a test gave text that is not of its kind')
  return value
}

export function inDays(desk: Desk, days: number): NumericDate {
  return later(desk.act.at, seconds(days * 24 * 60 * 60))
}

let made = 0
const unique = (what: string) => name(`${what} ${(made += 1)}`)

export async function newOrganization(desk: Desk): Promise<Organization> {
  return accepted(await createOrganization(desk, desk.act, { name: unique('Organization') }))
}

type Wishes<Creation> = Partial<Creation> & { readonly organization: OrganizationId }

export async function newAccount(
  desk: Desk,
  wishes: Wishes<ServiceAccountCreation>,
): Promise<ServiceAccount> {
  const defaults = { name: unique('account'), description: description('') }
  return accepted(await createServiceAccount(desk, desk.act, { ...defaults, ...wishes }))
}

/** A member of an organization, and a person of their own; without any role and without a password. */
export async function newMember(
  { db, random, act }: Pick<PeoplePorts, 'db' | 'random'> & Pick<Desk, 'act'>,
  organization: OrganizationId,
  isOperator = false,
): Promise<NamedMember> {
  const called = unique('Person')
  const createdNow = { createdAt: act.at, createdBy: { id: act.actor.id, name: act.actor.name } }
  const email = known(parseEmail(`${called.replace(' ', '-')}@example.com`))
  const person = { id: random.id('person'), email, name: called, isOperator, ...createdNow }
  const member = { id: random.id('member'), organization, person: person.id, ...createdNow }
  return accepted(
    await inTransaction(db, organization, act, async (tx) => {
      await addPerson(tx, person)
      await addMember(tx, member)
      return accept({
        value: { ...member, name: called, email },
        audit: [{ kind: 'member.added', target: { type: 'member', id: member.id } }],
        changes: [{ kind: 'principal', organization, subject: member.id }],
      })
    }),
  )
}

export async function newApi(
  desk: Desk,
  organization: OrganizationId,
  permissions: readonly string[] = [],
): Promise<Api> {
  const called = unique('api')
  return accepted(
    await registerApi(desk, desk.act, {
      organization,
      name: called,
      audience: audience(`https://${called.replace(' ', '-')}.example.com`),
      permissions: offered(permissions),
    }),
  )
}

export function offered(permissions: readonly string[]) {
  return permissions.map((text) => ({
    permission: permission(text),
    description: description(''),
  }))
}

export async function newRole(
  desk: Desk,
  organization: OrganizationId,
  held: readonly (readonly [Api, string])[] = [],
): Promise<Role> {
  return accepted(
    await createRole(desk, desk.act, {
      organization,
      name: unique('role'),
      description: description(''),
      permissions: held.map(([api, text]) => ({ api: api.id, permission: permission(text) })),
    }),
  )
}

export async function newGroup(desk: Desk, organization: OrganizationId): Promise<Group> {
  return accepted(
    await createGroup(desk, desk.act, {
      organization,
      name: unique('group'),
      description: description(''),
    }),
  )
}

/** Rows by the hundred, for the limits, in one statement: `series` is 1, 2, 3 … */
export async function inBulk(
  desk: Desk,
  organization: OrganizationId,
  count: number,
  statement: (series: RawBuilder<unknown>, madeNow: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<void> {
  const series = sql`generate_series(1, ${sql.lit(count)}) as n`
  const madeNow = sql`'2030-01-01T00:00:00Z', 'operator:ada', 'ada'`
  accepted(
    await inTransaction(desk.db, organization, desk.act, async (tx) => {
      await statement(series, madeNow).execute(tx)
      const target = { type: 'organization', id: organization }
      return accept({
        value: undefined,
        audit: [{ kind: 'organization.changed', target }],
        changes: [{ kind: 'organization', organization, subject: organization }],
      })
    }),
  )
}

/** What a verb told the memory of every process and the audit trail. */
export type Traces = {
  /** `principal sa_…`, in the order of the log. */
  readonly changes: readonly string[]
  readonly audit: readonly (Readonly<Record<string, unknown>> & { readonly kind: string })[]
}

export async function tracesOf(
  { db: { management: db } }: Desk,
  work: () => Promise<unknown>,
): Promise<Traces> {
  const head = sql<{ position: number }>`select position from change_counter`
  const before = (await head.execute(db)).rows[0]?.position ?? 0
  const { rows: entriesBefore } = await sql<{ count: number }>`
    select count(*) as count from audit_entry`.execute(db)
  await work()
  const changes = await sql<{ text: string }>`
    select kind || ' ' || subject as text from change where position > ${before} order by position
  `.execute(db)
  // One writer in a test file: what was written last was written by this work.
  const audit = await sql<{ entry: Uint8Array }>`
    select entry from audit_entry order by xmin::text::bigint, chain, sequence
    offset ${entriesBefore[0]?.count ?? 0}
  `.execute(db)
  return {
    changes: changes.rows.map(({ text }) => text),
    audit: audit.rows.map(({ entry }) => JSON.parse(new TextDecoder().decode(entry))),
  }
}

export const nothingWritten: Traces = { changes: [], audit: [] }

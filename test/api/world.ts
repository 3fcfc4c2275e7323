import type { BindingId, OrganizationId, PersonId, PrincipalId } from '../../src/domain/id.ts'
import type { BuiltInRole } from '../../src/domain/management-permission.ts'
import { builtInRoles, managementAudience } from '../../src/domain/management-permission.ts'
import { accept } from '../../src/domain/result.ts'
import { sessionLifetime } from '../../src/domain/session.ts'
import { later } from '../../src/domain/time.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import { addSession } from '../../src/storage/sessions.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Desk } from '../management/desk.ts'
import { accepted, name, newAccount, newMember } from '../management/desk.ts'
import { fetchToken } from '../support/fixtures.ts'
import type { TestHouse } from '../support/house.ts'
import { roleNamed } from '../support/operator.ts'
import type { Caller } from './call.ts'
import { bearer, browser } from './call.ts'

/** A house, and whoever makes things in it without a request. */
export type World = TestHouse & { readonly desk: () => Desk }

export async function worldOf(house: TestHouse): Promise<World> {
  const [random, secrets] = [systemRandom(house.clock), await openSecrets()]
  const desk = () => ({
    ...house.house.management,
    clock: house.clock,
    random,
    secrets,
    act: house.act(),
  })
  return { ...house, desk }
}

/** Signs a person in. */
export async function signIn({ desk, issuer }: World, person: PersonId): Promise<Caller> {
  const { db, act, random, tokens } = desk()
  const token = tokens.session()
  const session = {
    id: random.id('session'),
    person,
    createdAt: act.at,
    lastSeenAt: act.at,
    endsAt: later(act.at, sessionLifetime),
    network: '192.0.2.1',
    userAgent: 'a browser',
  }
  accepted(
    await inTransaction(db, 'server', act, async (tx) => {
      await addSession(tx, session, tokens.hash(token))
      return accept({
        value: undefined,
        audit: [{ kind: 'session.created', target: { type: 'session', id: session.id } }],
        changes: [{ kind: 'person', organization: undefined, subject: person }],
      })
    }),
  )
  return browser(token, issuer)
}

export type RoleName = keyof typeof builtInRoles

/** Grants a built-in role in the whole organization, for ever. */
export async function grant(
  { desk }: World,
  organization: OrganizationId,
  principal: PrincipalId,
  { name: called }: Pick<BuiltInRole, 'name'>,
): Promise<BindingId> {
  const role = await roleNamed(desk(), organization, called)
  const subject = { type: 'principal', id: principal } as const
  const wanted = { organization, role, subject }
  return accepted(await createBinding(desk(), desk().act, wanted)).id
}

/** A member who is signed in, with a built-in role or with none. */
export async function addMember(world: World, organization: OrganizationId, role?: RoleName) {
  const member = await newMember(world.desk(), organization)
  if (role !== undefined) await grant(world, organization, member.id, builtInRoles[role])
  return { ...member, session: await signIn(world, member.person) }
}

/** An operator who is signed in, with no role in the organization that they are a member of. */
export async function addOperator(world: World, organization: OrganizationId) {
  const { person } = await newMember(world.desk(), organization, true)
  const signInAnew = async () => signIn(world, person)
  return { session: await signInAnew(), signInAnew }
}

/** A service account with a token for the management API. */
export async function addMachine(world: World, organization: OrganizationId, role?: RoleName) {
  const account = await newAccount(world.desk(), { organization })
  if (role !== undefined) await grant(world, organization, account.id, builtInRoles[role])
  const { secret } = accepted(
    await createClientSecret(world.desk(), world.desk().act, {
      organization,
      principal: account.id,
      name: name('test'),
    }),
  )
  const client = { id: account.id, secret }
  return { ...account, client, token: async () => managementToken(world, client) }
}

export async function managementToken(
  world: World,
  client: Parameters<typeof fetchToken>[1],
): Promise<Caller> {
  await world.caughtUp()
  return bearer(await fetchToken(world, client, { resource: managementAudience(world.issuer) }))
}

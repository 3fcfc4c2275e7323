import type { OperatorNeeded } from '../domain/authority.ts'
import type { LinkToken } from '../domain/link.ts'
import { linkLifetime, linkTo } from '../domain/link.ts'
import { builtInRoles } from '../domain/management-permission.ts'
import type { NamedMember } from '../domain/member.ts'
import type { Name } from '../domain/name.ts'
import type { Organization } from '../domain/organization.ts'
import type { Password, PasswordPersonal } from '../domain/password.ts'
import { whyPersonal } from '../domain/password.ts'
import type { Email } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded, later } from '../domain/time.ts'
import type { TokenHash } from '../ports/tokens.ts'
import { lockChain } from '../storage/audit-trail.ts'
import { listSomeOwners } from '../storage/holdings.ts'
import { addLink, findLink, removeLink } from '../storage/links.ts'
import { listOrganizations } from '../storage/organizations.ts'
import { findPersonByEmail, listSomeOperators } from '../storage/people.ts'
import { findRoleByName } from '../storage/roles.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { writeBinding } from './bindings.ts'
import { addOrganization } from './organizations.ts'
import type { Circumstances, Newcomer } from './people.ts'
import { addMembership, addNewcomer, holderOf } from './people.ts'
import { asOperator } from './permitted.ts'
import type { PeoplePorts } from './ports.ts'
import type { CreatedLink } from './recovery.ts'
import { createdIn, endFact } from './written.ts'

export type SetupLinkRefusal =
  | ConcernRefusal
  | OperatorNeeded
  | { readonly reason: 'operator_exists' }

/** Makes the link by which the first operator comes in, in the place of the one before. */
export async function createSetupLink(
  { db, tokens, issuer }: Pick<PeoplePorts, 'db' | 'tokens' | 'issuer'>,
  act: Act,
): Promise<Result<CreatedLink, SetupLinkRefusal>> {
  return asOperator<CreatedLink, SetupLinkRefusal>(db, 'server', act, async (tx) => {
    if (await hasOperator(tx)) return refuse({ reason: 'operator_exists' })
    const token = tokens.link()
    const expiresAt = later(act.at, linkLifetime)
    await addLink(tx, { purpose: 'setup', expiresAt, ...createdIn(act) }, tokens.hash(token))
    return accept({
      value: { link: linkTo(issuer, 'setup', token), expiresAt },
      audit: [
        {
          kind: 'link.created',
          target: { type: 'server', id: 'server' },
          after: { link: 'setup', expires_at: endFact(expiresAt) },
        },
      ],
      changes: [{ kind: 'person', organization: undefined, subject: 'setup' }],
    })
  })
}

export type SetupRefusal =
  | ConcernRefusal
  | PasswordPersonal
  | { readonly reason: 'link_unknown' }
  | { readonly reason: 'operator_exists' }
  | { readonly reason: 'person_exists'; readonly email: Email }
  | { readonly reason: 'organization_name_taken'; readonly name: Name }

export type Setup = {
  readonly token: LinkToken
  readonly email: Email
  readonly name: Name
  readonly password: Password
  /** The first organization; one that is there already and has no Owner becomes theirs. */
  readonly organization: Name
}

/** The first person, who they are in their organization, and the organization. */
export type SetUp = { readonly member: NamedMember; readonly organization: Organization }

type Needs = Pick<PeoplePorts, 'db' | 'random' | 'tokens' | 'passwords'>

/**
 * Whether a setup link still opens something, and until when; it is not used up by that. Whether there
 * is an operator is no secret: whoever used the link a moment ago is told so, and not to ask for another.
 */
export async function lookAtSetupLink(
  { db: { management: db }, tokens }: Pick<PeoplePorts, 'db' | 'tokens'>,
  { at }: Pick<Circumstances, 'at'>,
  token: LinkToken,
): Promise<Result<Pick<CreatedLink, 'expiresAt'>, LookRefusal>> {
  if ((await listSomeOperators(db)).length > 0) return refuse({ reason: 'operator_exists' })
  const link = await findLink(db, tokens.hash(token))
  return link?.purpose === 'setup' && !hasEnded(link.expiresAt, at)
    ? accept({ expiresAt: link.expiresAt })
    : refuse({ reason: 'link_unknown' })
}

type LookRefusal = Extract<
  SetupRefusal,
  { readonly reason: 'link_unknown' } | { readonly reason: 'operator_exists' }
>

/**
 * Makes the first operator, their organization and their membership, or nothing. The link is used up,
 * and every other one is worth nothing from then on.
 */
export async function setUp(
  { db, random, tokens, passwords }: Needs,
  circumstances: Circumstances,
  input: Setup,
): Promise<Result<SetUp, SetupRefusal>> {
  const { email, name } = input
  const hash = tokens.hash(input.token)
  // Before the password is hashed, which is dear.
  if (!(await isOpen(db.management, hash, circumstances.at))) {
    return refuse({ reason: 'link_unknown' })
  }
  const personal = whyPersonal(input.password, input)
  if (personal) return refuse(personal)
  const password = await passwords.hash(input.password)
  const newcomer = { id: random.id('person'), email, name, password, isOperator: true }
  const act: Act = { ...circumstances, actor: holderOf(newcomer, 'setup') }
  return inTransaction<SetUp, SetupRefusal>(db, 'server', act, async (tx) => {
    if (await hasOperator(tx)) return refuse({ reason: 'operator_exists' })
    if (!(await isOpen(tx, hash, act.at))) return refuse({ reason: 'link_unknown' })
    if (await findPersonByEmail(tx, email)) return refuse({ reason: 'person_exists', email })
    await removeLink(tx, hash)
    const organization = await ownOrganization(tx, { random }, act, input.organization)
    return organization.ok
      ? accept(await own(tx, { random }, act, { newcomer, organization: organization.value }))
      : organization
  })
}

async function hasOperator(tx: Tx): Promise<boolean> {
  return (await listSomeOperators(tx)).length > 0
}

async function isOpen(
  db: Parameters<typeof findLink>[0],
  hash: TokenHash,
  now: NumericDate,
): Promise<boolean> {
  const link = await findLink(db, hash)
  return link?.purpose === 'setup' && !hasEnded(link.expiresAt, now)
}

/** A new organization, or the only one of this name if nobody owns it. */
async function ownOrganization(
  tx: Tx,
  ports: Pick<Needs, 'random'>,
  act: Act,
  name: Name,
): Promise<Result<Written<Organization>, SetupRefusal>> {
  const [found, ...others] = (await listOrganizations(tx, { name, limit: 2 })).items
  if (found === undefined) return accept(await addOrganization(tx, ports, act, name))
  const taken = refuse({ reason: 'organization_name_taken', name } as const)
  // Which of several was meant is not for a name to say.
  if (others.length > 0) return taken
  // The server's row is locked already. Nobody who holds an organization's row waits for it.
  await lockChain(tx, found.id)
  return (await listSomeOwners(tx, found.id)).length === 0
    ? accept({ value: found, audit: [], changes: [] })
    : taken
}

type Owning = { readonly newcomer: Newcomer; readonly organization: Written<Organization> }

async function own(
  tx: Tx,
  { random }: Pick<Needs, 'random'>,
  act: Act,
  { newcomer, organization: { value: organization, audit, changes } }: Owning,
): Promise<Written<SetUp>> {
  const person = await addNewcomer(tx, act, newcomer)
  const { id: ofOrganization } = organization
  const created = createdIn(act)
  const member = {
    id: random.id('member'),
    organization: ofOrganization,
    person: newcomer.id,
    ...created,
  }
  const membership = await addMembership(tx, member, newcomer)
  const role = await findRoleByName(tx, ofOrganization, builtInRoles.owner.name)
  if (role === undefined) throw new Error('an organization without its role Owner')
  const binding = await writeBinding(tx, {
    id: random.id('binding'),
    organization: ofOrganization,
    role: role.id,
    subject: { type: 'principal', id: member.id },
    resource: undefined,
    expiresAt: undefined,
    ...created,
  })
  const { name, email } = newcomer
  const events = [...membership.audit, ...binding.audit]
  // Whoever is there already sees in their own trail who became its Owner.
  const inOrganization = events.map((event) => Object.assign({ of: ofOrganization }, event))
  return {
    value: { member: { ...member, name, email }, organization },
    audit: [...audit, ...person.audit, ...inOrganization],
    changes: [...changes, ...person.changes, ...membership.changes],
  }
}

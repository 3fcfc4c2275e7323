import type { MemberId, OrganizationId } from '../../src/domain/id.ts'
import { parseId } from '../../src/domain/id.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import { createApplicationKey } from '../../src/management/application-keys.ts'
import { description } from '../management/desk.ts'
import { newPerson } from '../management/people.ts'
import { deskOf } from '../support/api.ts'
import type { TestHouse } from '../support/house.ts'
import { openTestHouse } from '../support/house.ts'
import { accepted } from '../support/operator.ts'
import type { Answered, Terminal } from './terminal.ts'
import { openTerminal } from './terminal.ts'

/** One server, and terminals in front of it. */
export type Places = {
  readonly test: TestHouse
  /** Its only one, Acme. */
  readonly organization: OrganizationId
  /** Beside the database of that server. */
  readonly beside: Terminal
  /** Elsewhere, as a client with these credentials. */
  readonly as: (client: Answered, issuer?: string) => Promise<Terminal>
  /** Elsewhere, as an account that has this role. */
  readonly holding: (name: string, role: string) => Promise<Terminal>
}

export async function openPlaces(
  wishes: Parameters<typeof openTestHouse>[0] = {},
): Promise<Places> {
  const test = await openTestHouse(wishes)
  const { db, clock, issuer } = test
  const beside = await openTerminal(db, clock, issuer)
  const acme = await beside.json('organization create Acme')
  const organization = parseId('organization', acme.id)
  if (organization === undefined) throw new Error('no id of an organization')
  const as = async (client: Answered, at = issuer) =>
    openTerminal(db, clock, issuer, login(client, at))
  return {
    test,
    organization,
    beside,
    as,
    holding: async (name, role) => {
      await beside.json(`account create ${name} --role '${role}'`)
      const secret = await beside.json(`secret create ${name} only`)
      await test.caughtUp()
      return as(secret)
    },
  }
}

/** What the environment says of a client, from the answer that made its secret. */
function login({ client_id: id, client_secret: secret }: Answered, issuer: string) {
  return {
    COUNTERSIGN_ISSUER: issuer,
    COUNTERSIGN_CLIENT_ID: id,
    COUNTERSIGN_CLIENT_SECRET: secret,
  }
}

/** Somebody with a password who holds this role. */
export async function newMemberHolding(
  { test, organization, beside }: Places,
  role: string,
): Promise<NamedMember> {
  const desk = await deskOf(test)
  const member = await newPerson(desk(), organization)
  await beside.json(`binding create ${role} --member ${member.id}`)
  await test.caughtUp()
  return member
}

/** An application key of a member, as the answer that makes one has it. */
export async function newKey(
  { test: { house, act, caughtUp }, organization }: Places,
  { id: member }: { readonly id: MemberId },
) {
  const input = { organization, member, description: description('laptop') }
  const { key, secret } = accepted(await createApplicationKey(house.management, act(), input))
  await caughtUp()
  return { member, client_id: key.id, client_secret: secret }
}

import type { MemberId, OrganizationId } from '../../src/domain/id.ts'
import { builtInRoles } from '../../src/domain/management-permission.ts'
import { createApplicationKey } from '../../src/management/application-keys.ts'
import { removeBinding } from '../../src/management/bindings.ts'
import { accepted, description, newOrganization } from '../management/desk.ts'
import type { Caller } from './call.ts'
import { nobody } from './call.ts'
import type { RoleName, SignedInMember, World } from './world.ts'
import { addMachine, addMember, addOperator, grant, managementToken } from './world.ts'

/** Somebody who calls. */
export type Person = {
  readonly who: string
  readonly caller: Caller
  readonly proof: 'session' | 'token' | 'application key' | 'none'
  /** In the organization that is looked at, in another, or an operator who is a member of none. */
  readonly place: 'here' | 'elsewhere' | 'operator' | 'nowhere'
  readonly role?: RoleName
  /** Whether it is an operator who is a member here. */
  readonly isOperator?: boolean
  /** Of those who are signed in: somebody new who is just like them, for calls that use a person up. */
  readonly another?: () => Promise<SignedInMember>
}

const roles = ['owner', 'memberManager', 'viewer', undefined] as const

/**
 * Everybody there is: each role in each way, a Member manager who is an operator, an Owner of another
 * organization, an operator, nobody.
 */
export async function castOf(
  world: World,
  organization: OrganizationId,
): Promise<readonly Person[]> {
  const { id: other } = await newOrganization(world.desk())
  const inside = []
  for (const role of roles) inside.push(...(await ways(world, organization, { role })))
  const both = { role: 'memberManager', isOperator: true } as const
  const anotherOperator = async () => addOperator(world, other)
  return [
    ...inside,
    ...(await ways(world, organization, both)).filter(({ proof }) => proof !== 'token'),
    ...(await ways(world, other, { role: 'owner', place: 'elsewhere' })),
    {
      who: 'operator, by session',
      caller: (await anotherOperator()).session,
      proof: 'session',
      place: 'operator',
      another: anotherOperator,
    },
    { who: 'nobody', caller: nobody, proof: 'none', place: 'nowhere' },
  ]
}

async function ways(
  world: World,
  organization: OrganizationId,
  {
    role,
    place = 'here',
    isOperator = false,
  }: {
    readonly role?: RoleName | undefined
    readonly place?: 'here' | 'elsewhere'
    readonly isOperator?: boolean
  },
): Promise<readonly Person[]> {
  const another = async () => addMember(world, organization, role, isOperator)
  const { id, session } = await another()
  const token = await machineToken(world, organization, role)
  const key =
    role === undefined || place !== 'here' ? undefined : await keyToken(world, id, organization)
  const where = place === 'here' ? '' : ' of another organization'
  const called = `${role ?? 'without a role'}${isOperator ? ' and operator' : ''}${where}`
  const held = role === undefined ? { place } : { place, role }
  return [
    {
      who: `${called}, by session`,
      caller: session,
      proof: 'session',
      isOperator,
      another,
      ...held,
    },
    { who: `${called}, a service account`, caller: token, proof: 'token', ...held },
    ...(key === undefined
      ? []
      : [
          {
            who: `${called}, an application key`,
            caller: key,
            proof: 'application key',
            ...held,
          } as const,
        ]),
  ]
}

/** What a program of a member comes with. */
async function keyToken(world: World, member: MemberId, organization: OrganizationId) {
  const desk = world.desk()
  const wanted = { organization, member, description: description('a program') }
  const { key, secret } = accepted(await createApplicationKey(desk, desk.act, wanted))
  return managementToken(world, { id: key.id, secret })
}

/** Whoever holds nothing gets no token: theirs is from when they did, and has the scope of it. */
async function machineToken(world: World, organization: OrganizationId, role?: RoleName) {
  if (role !== undefined) return (await addMachine(world, organization, role)).token()
  const machine = await addMachine(world, organization)
  const desk = world.desk()
  const binding = await grant(world, organization, machine.id, builtInRoles.owner)
  const token = await machine.token()
  accepted(await removeBinding(desk, desk.act, { organization, binding }))
  return token
}

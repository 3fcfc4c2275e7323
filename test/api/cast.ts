import type { OrganizationId } from '../../src/domain/id.ts'
import { builtInRoles } from '../../src/domain/management-permission.ts'
import { removeBinding } from '../../src/management/bindings.ts'
import { accepted, newOrganization } from '../management/desk.ts'
import type { Caller } from './call.ts'
import { nobody } from './call.ts'
import type { RoleName, World } from './world.ts'
import { addMachine, addMember, addOperator, grant, signIn } from './world.ts'

/** Somebody who calls. */
export type Person = {
  readonly who: string
  readonly caller: Caller
  readonly proof: 'session' | 'token' | 'application key' | 'none'
  /** In the organization that is looked at, in another, or an operator who is a member of none. */
  readonly place: 'here' | 'elsewhere' | 'operator' | 'nowhere'
  readonly role?: RoleName
  /** A second session of the same person. */
  readonly signInAnew?: () => Promise<Caller>
}

const roles = ['owner', 'memberManager', 'viewer', undefined] as const

/** Everybody there is: each role in each way, an Owner of another organization, an operator, nobody. */
export async function castOf(
  world: World,
  organization: OrganizationId,
): Promise<readonly Person[]> {
  const { id: other } = await newOrganization(world.desk())
  const inside = []
  for (const role of roles) inside.push(...(await ways(world, organization, role)))
  const { session: operator, signInAnew } = await addOperator(world, other)
  return [
    ...inside,
    ...(await ways(world, other, 'owner', 'elsewhere')),
    {
      who: 'operator, by session',
      caller: operator,
      proof: 'session',
      place: 'operator',
      signInAnew,
    },
    { who: 'nobody', caller: nobody, proof: 'none', place: 'nowhere' },
  ]
}

async function ways(
  world: World,
  organization: OrganizationId,
  role: RoleName | undefined,
  place: 'here' | 'elsewhere' = 'here',
): Promise<readonly Person[]> {
  const { session, person } = await addMember(world, organization, role)
  const signInAnew = async () => signIn(world, person)
  const token = await machineToken(world, organization, role)
  const called = `${role ?? 'without a role'}${place === 'here' ? '' : ' of another organization'}`
  const held = role === undefined ? { place } : { place, role }
  return [
    { who: `${called}, by session`, caller: session, proof: 'session', signInAnew, ...held },
    { who: `${called}, a service account`, caller: token, proof: 'token', ...held },
  ]
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

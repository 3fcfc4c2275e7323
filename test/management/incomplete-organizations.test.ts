import { describe, expect, it } from 'vitest'
import { theServer } from '../../src/domain/audit.ts'
import type { OrganizationId } from '../../src/domain/id.ts'
import { builtInRoles } from '../../src/domain/management-permission.ts'
import { accept } from '../../src/domain/result.ts'
import { listApis } from '../../src/management/apis.ts'
import { completeOrganizations } from '../../src/management/incomplete-organizations.ts'
import { createRole, listRoles } from '../../src/management/roles.ts'
import { createdIn } from '../../src/management/written.ts'
import { addOrganization } from '../../src/storage/organizations.ts'
import { addRole } from '../../src/storage/roles.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { openTestHouse } from '../support/house.ts'
import { accepted, name, newOrganization, nothingWritten, tracesOf, useDesk } from './desk.ts'

const desk = useDesk()
const act = () => ({ ...desk().act, actor: theServer })
const complete = async () => completeOrganizations(desk(), act())

/** An organization as the program before the management API makes it: with Owner, which holds nothing. */
async function newFromBefore(own: readonly string[] = []): Promise<OrganizationId> {
  const { db, random } = desk()
  const id = random.id('organization')
  const made = createdIn(desk().act)
  const organization = { id, name: name(id), enabled: true, defaultAudience: undefined, ...made }
  const { description } = builtInRoles.owner
  const role = { organization: id, description, permissions: new Map(), ...made }
  accepted(
    await inTransaction(db, 'server', desk().act, async (tx) => {
      await addOrganization(tx, organization)
      for (const called of ['Owner', ...own]) {
        const naming = { id: random.id('role'), name: name(called), builtIn: called === 'Owner' }
        await addRole(tx, { ...role, ...naming }, [])
      }
      const target = { type: 'organization', id }
      return accept({
        value: undefined,
        audit: [{ kind: 'organization.created', target }],
        changes: [{ kind: 'organization', organization: id, subject: id }],
      })
    }),
  )
  return id
}

/** All that is built in, without what differs from one organization to another. */
async function builtIn(organization: OrganizationId) {
  const apis = await listApis(desk(), organization)
  const roles = await listRoles(desk(), organization)
  return [...apis.items, ...roles.items]
    .filter((one) => one.builtIn)
    .map((one) => ({
      name: one.name,
      permissions: [...one.permissions].map((held) => JSON.stringify(held)).toSorted(),
      terms: 'audience' in one ? [one.audience, one.tokenLifetime, one.applicationKeys] : [],
      description: 'description' in one ? one.description : '',
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

describe('an organization that a program from before the management API made', () => {
  it('gets what new ones are created with, told to the memory of every process', async () => {
    const old = await newFromBefore()
    const { audit, changes } = await tracesOf(desk(), complete)
    const { id } = await newOrganization(desk())
    expect(await builtIn(old)).toEqual(await builtIn(id))
    const { items } = await listRoles(desk(), old)
    expect(changes.toSorted()).toEqual(items.map((role) => `role ${role.id}`).toSorted())
    expect(audit).toMatchObject([
      { chain: old, kind: 'api.created', actor: { type: 'server' } },
      { kind: 'role.changed', target: { name: 'Owner' } },
      { kind: 'role.created', target: { name: 'Member manager' } },
      { kind: 'role.created', target: { name: 'Viewer' } },
    ])
  })

  it('gets it once, from however many processes that start at once', async () => {
    const old = await newFromBefore()
    await Promise.all([complete(), complete(), complete()])
    const { id } = await newOrganization(desk())
    expect(await builtIn(old)).toEqual(await builtIn(id))
    expect(await tracesOf(desk(), complete)).toEqual(nothingWritten)
  })

  it('keeps what it has by a name that is built in now, under another', async () => {
    const old = await newFromBefore(['Viewer', 'Member manager', 'Member manager (custom)'])
    const { items: before } = await listRoles(desk(), old)
    await complete()
    const { items } = await listRoles(desk(), old)
    const names = before.map(({ id }) => items.find((one) => one.id === id)?.name)
    expect(names).toEqual([
      'Owner',
      'Viewer (custom)',
      `Member manager (${before[2]?.id})`,
      'Member manager (custom)',
    ])
  })

  it('gets it when the next process starts', async () => {
    const old = await newFromBefore()
    const started = await openTestHouse({ db: desk().db, clock: desk().clock })
    await expect.poll(async () => builtIn(old)).toHaveLength(4)
    await started.close()
  })

  it('does not wait for another that cannot get it', async () => {
    const [stuck, old] = [await newFromBefore(['Viewer', 'Viewer (custom)']), await newFromBefore()]
    const { items } = await listRoles(desk(), stuck)
    const viewer = items.find((role) => role.name === 'Viewer')
    const { description } = builtInRoles.viewer
    const taken = { name: name(`Viewer (${viewer?.id})`), description }
    const input = { organization: stuck, ...taken, permissions: [] }
    accepted(await createRole(desk(), desk().act, input))
    await expect(complete()).rejects.toThrow(`${stuck} cannot be completed`)
    const { id } = await newOrganization(desk())
    expect(await builtIn(old)).toEqual(await builtIn(id))
  })
})

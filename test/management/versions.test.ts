import { describe, expect, it } from 'vitest'
import type { OrganizationId } from '../../src/domain/id.ts'
import type { Result } from '../../src/domain/result.ts'
import type { Conditional, Version, Versioned } from '../../src/domain/version.ts'
import { parseVersion } from '../../src/domain/version.ts'
import { changeApi, removeApi, showApi } from '../../src/management/apis.ts'
import {
  changeBinding,
  createBinding,
  removeBinding,
  showBinding,
} from '../../src/management/bindings.ts'
import {
  changeCredential,
  createClientSecret,
  removeCredential,
  showCredential,
} from '../../src/management/credentials.ts'
import { changeGroup, removeGroup, showGroup } from '../../src/management/groups.ts'
import { changeOrganization, showOrganization } from '../../src/management/organizations.ts'
import { changeRole, removeRole, showRole } from '../../src/management/roles.ts'
import {
  changeServiceAccount,
  removeServiceAccount,
  showServiceAccount,
} from '../../src/management/service-accounts.ts'
import { onPostgres } from '../support/database.ts'
import type { Desk } from './desk.ts'
import {
  accepted,
  description,
  inDays,
  name,
  newAccount,
  newApi,
  newGroup,
  newOrganization,
  newRole,
  nothingWritten,
  offered,
  permission,
  tracesOf,
  useDesk,
} from './desk.ts'

/** One thing of a noun: how it is read, changed (each round differently) and removed. */
type Thing = {
  readonly show: () => Promise<Versioned>
  readonly change: (round: number, condition: Conditional) => Promise<Result<Versioned, unknown>>
  readonly remove?: (condition: Conditional) => Promise<Result<unknown, unknown>>
}

const nouns: Readonly<
  Record<string, (desk: Desk, organization: OrganizationId) => Promise<Thing>>
> = {
  organization: async (desk, organization) => ({
    show: async () => accepted(await showOrganization(desk, organization)),
    change: async (round, condition) =>
      changeOrganization(desk, desk.act, {
        organization,
        name: name(`${organization} ${round}`),
        ...condition,
      }),
  }),
  'service account': async (desk, organization) => {
    const place = { organization, account: (await newAccount(desk, { organization })).id }
    return {
      show: async () => accepted(await showServiceAccount(desk, place)),
      change: async (round, condition) =>
        changeServiceAccount(desk, desk.act, { ...place, ...says(round), ...condition }),
      remove: async (condition) => removeServiceAccount(desk, desk.act, { ...place, ...condition }),
    }
  },
  credential: async (desk, organization) => {
    const { id: principal } = await newAccount(desk, { organization })
    const input = { organization, principal, name: name('one') }
    const { credential } = accepted(await createClientSecret(desk, desk.act, input))
    const place = { organization, credential: credential.id }
    return {
      show: async () => accepted(await showCredential(desk, place)),
      change: async (round, condition) =>
        changeCredential(desk, desk.act, { ...place, name: name(`n ${round}`), ...condition }),
      remove: async (condition) => removeCredential(desk, desk.act, { ...place, ...condition }),
    }
  },
  api: async (desk, organization) => {
    const place = { organization, api: (await newApi(desk, organization)).id }
    return {
      show: async () => accepted(await showApi(desk, place)),
      change: async (round, condition) =>
        changeApi(desk, desk.act, {
          ...place,
          addPermissions: offered([`p:${round}`]),
          ...condition,
        }),
      remove: async (condition) => removeApi(desk, desk.act, { ...place, ...condition }),
    }
  },
  role: async (desk, organization) => {
    const api = await newApi(desk, organization, ['p:0', 'p:1', 'p:2'])
    const place = { organization, role: (await newRole(desk, organization)).id }
    return {
      show: async () => accepted(await showRole(desk, place)),
      change: async (round, condition) =>
        changeRole(desk, desk.act, {
          ...place,
          permissions: [{ api: api.id, permission: permission(`p:${round}`) }],
          ...condition,
        }),
      remove: async (condition) => removeRole(desk, desk.act, { ...place, ...condition }),
    }
  },
  group: async (desk, organization) => {
    const place = { organization, group: (await newGroup(desk, organization)).id }
    return {
      show: async () => accepted(await showGroup(desk, place)),
      change: async (round, condition) =>
        changeGroup(desk, desk.act, { ...place, ...says(round), ...condition }),
      remove: async (condition) => removeGroup(desk, desk.act, { ...place, ...condition }),
    }
  },
  binding: async (desk, organization) => {
    const { id: role } = await newRole(desk, organization)
    const subject = { type: 'group', id: (await newGroup(desk, organization)).id } as const
    const { id: binding } = accepted(
      await createBinding(desk, desk.act, { organization, role, subject }),
    )
    const place = { organization, binding }
    return {
      show: async () => accepted(await showBinding(desk, place)),
      change: async (round, condition) =>
        changeBinding(desk, desk.act, {
          ...place,
          expiresAt: inDays(desk, round + 1),
          ...condition,
        }),
      remove: async (condition) => removeBinding(desk, desk.act, { ...place, ...condition }),
    }
  },
}

const removable = Object.keys(nouns).filter((noun) => noun !== 'organization')

function says(round: number) {
  return { description: description(`round ${round}`) }
}

const version = (count: number) => parseVersion(String(count)) as Version

describe('the version of', () => {
  const desk = useDesk()

  it.each(Object.keys(nouns))(
    'a %s is 1 at first and rises with every write of it',
    async (noun) => {
      const thing = await made(desk(), noun)
      expect((await thing.show()).version).toBe(1)
      expect(accepted(await thing.change(1, {})).version).toBe(2)
      expect((await thing.show()).version).toBe(2)
      expect(await tracesOf(desk(), async () => thing.change(1, {}))).toEqual(nothingWritten)
      expect((await thing.show()).version).toBe(2)
    },
  )

  it.each(Object.keys(nouns))('a %s decides whether a write is meant for it', async (noun) => {
    const thing = await made(desk(), noun)
    accepted(await thing.change(1, { ifMatch: [version(7), version(1)] }))
    const refused = { ok: false, refusal: { reason: 'version_mismatched', version: 2 } }
    const stale = await tracesOf(desk(), async () => {
      expect(await thing.change(2, { ifMatch: [version(1)] })).toEqual(refused)
      expect(await thing.change(2, { ifMatch: [] })).toEqual(refused)
      // Not even what is so already: whoever asks has not seen what it is.
      expect(await thing.change(1, { ifMatch: [version(1)] })).toEqual(refused)
    })
    expect(stale).toEqual(nothingWritten)
  })

  it.each(removable)('a %s decides whether its removal is meant for it', async (noun) => {
    const thing = await made(desk(), noun)
    accepted(await thing.change(1, {}))
    expect(await thing.remove?.({ ifMatch: [version(1)] })).toEqual({
      ok: false,
      refusal: { reason: 'version_mismatched', version: 2 },
    })
    expect(await thing.remove?.({ ifMatch: [version(2)] })).toMatchObject({ ok: true })
  })
})

// One session cannot race with itself: on the embedded database there is nothing to see.
describe.runIf(onPostgres)('of twenty writers that saw the same version', () => {
  const desk = useDesk()

  it('one writes and the others are told', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization })
    const seen = { organization, account, ifMatch: [version(1)] }
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, round) =>
        changeServiceAccount(desk(), desk().act, { ...seen, ...says(round) }),
      ),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    const after = accepted(await showServiceAccount(desk(), { organization, account }))
    expect(after.version).toBe(2)
  })
})

async function made(desk: Desk, noun: string): Promise<Thing> {
  const { id: organization } = await newOrganization(desk)
  const make = nouns[noun]
  if (make === undefined) throw new Error(`no noun ${noun}`)
  return make(desk, organization)
}

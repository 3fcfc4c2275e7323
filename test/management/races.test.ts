import { describe, expect, it } from 'vitest'
import { createBinding } from '../../src/management/bindings.ts'
import { changeApi, registerApi } from '../../src/management/apis.ts'
import {
  createClientSecret,
  credentialsMax,
  listCredentials,
} from '../../src/management/credentials.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import { changeRole, removeRole } from '../../src/management/roles.ts'
import { onPostgres } from '../support/database.ts'
import {
  accepted,
  audience,
  name,
  newAccount,
  newApi,
  newOrganization,
  newRole,
  permission,
  useDesk,
} from './desk.ts'

function reasons(outcomes: readonly { readonly ok: boolean }[]) {
  return outcomes.flatMap((one) => ('refusal' in one ? [one.refusal] : []))
}

// One session cannot race with itself: on the embedded database there is nothing to see.
describe.runIf(onPostgres)('two writers at once', () => {
  const desk = useDesk()

  it('never get past a limit together', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: principal } = await newAccount(desk(), { organization })
    const tries = Array.from({ length: credentialsMax + 4 }, async (_, index) => {
      const input = { organization, principal, name: name(`secret ${index}`) }
      return createClientSecret(desk(), desk().act, input)
    })
    const refused = reasons(await Promise.all(tries))
    const refusal = { reason: 'credentials_too_many', max: credentialsMax }
    expect(refused).toEqual([refusal, refusal, refusal, refusal])
    const kept = accepted(await listCredentials(desk(), { organization, principal }))
    expect(kept.items).toHaveLength(credentialsMax)
  })

  it('of two organizations never both get an audience, and the second is told in words', async () => {
    const organizations = [await newOrganization(desk()), await newOrganization(desk())]
    const wanted = audience('https://wanted.example.com')
    const tries = organizations.map(async ({ id: organization }) =>
      registerApi(desk(), desk().act, { organization, audience: wanted, name: name('Wanted') }),
    )
    expect(reasons(await Promise.all(tries))).toEqual([
      { reason: 'audience_taken', audience: wanted },
    ])
  })

  it('never both create an organization of one name', async () => {
    const tries = Array.from({ length: 4 }, async () =>
      createOrganization(desk(), desk().act, { name: name('Contested') }),
    )
    const refusal = { reason: 'organization_name_taken', name: 'Contested' }
    expect(reasons(await Promise.all(tries))).toEqual([refusal, refusal, refusal])
  })

  it('never remove what the other begins to use', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { id: organization } = await newOrganization(desk())
      const api = await newApi(desk(), organization, ['a:read'])
      const { id: role } = await newRole(desk(), organization)
      const { id: reader } = await newRole(desk(), organization)
      const { id } = await newAccount(desk(), { organization })
      const held = [{ api: api.id, permission: permission('a:read') }]
      const subject = { type: 'principal', id } as const
      const [removal, binding] = await Promise.all([
        removeRole(desk(), desk().act, { organization, role }),
        createBinding(desk(), desk().act, { organization, role, subject }),
      ])
      expect(removal.ok).not.toBe(binding.ok)
      const [holding, dropping] = await Promise.all([
        changeRole(desk(), desk().act, { organization, role: reader, addPermissions: held }),
        changeApi(desk(), desk().act, {
          organization,
          api: api.id,
          removePermissions: [permission('a:read')],
        }),
      ])
      expect(holding.ok).not.toBe(dropping.ok)
    }
  })
})

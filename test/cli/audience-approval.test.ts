import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Places } from './places.ts'
import { openPlaces } from './places.ts'
import type { Terminal } from './terminal.ts'

let places: Places
let beside: Terminal
/** An Owner of Acme, which is not alone on the server. */
let owner: Terminal
beforeAll(async () => {
  places = await openPlaces()
  ;({ beside } = places)
  owner = await places.holding('owner', 'Owner')
  await beside.json('organization create Other')
})
afterAll(async () => places.test.close())

const audience = 'https://deploy.example.com'
const register = `api create ${audience} --name Deployments`
const approve = `audience-approval create ${audience} --organization Acme`

describe('countersign audience-approval', () => {
  it('is what an Owner is told to ask for, and then may register', async () => {
    const refused = await owner.run(register)
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('countersign audience-approval create')
    expect(refused.stderr).toContain('POST /api/v1/audience-approvals')

    const approval = await beside.json(approve)
    expect(approval).toMatchObject({ audience, organization_id: places.organization })
    expect(await beside.json(approve)).toEqual(approval)
    expect((await owner.run(register)).code).toBe(0)
  })

  it('lists who may register what, and withdraws it once somebody confirms', async () => {
    const { id } = await beside.json(approve)
    const { items } = await beside.json('audience-approval list')
    expect(items.map((one: { readonly id: string }) => one.id)).toEqual([id])
    const { stdout } = await beside.run('audience-approval list')
    expect(stdout).toContain(audience)
    expect(stdout).toContain(places.organization)

    const unsure = await beside.run(`audience-approval remove ${id}`)
    expect(unsure.code).toBe(1)
    expect(unsure.stderr).toContain('An API that is registered by it stays.')
    const withdrawn = await beside.run(`audience-approval remove ${id} --yes`)
    expect(withdrawn).toMatchObject({ code: 0, stdout: `Withdrew the approval of ${audience}.\n` })
    expect((await beside.json('audience-approval list')).items).toEqual([])
    expect((await beside.run(`audience-approval remove ${id} --yes`)).code).toBe(1)
  })

  it('says of what nobody may register that no approval helps', async () => {
    const line = `audience-approval create ${places.test.issuer}/o/x --organization Acme`
    const { code, stderr } = await beside.run(line)
    expect(code).toBe(1)
    expect(stderr).toContain('is below the issuer')
  })

  it.each([approve, 'audience-approval list', `${approve} --remote`])(
    'says from afar that it takes an operator: %s',
    async (line) => {
      const { code, stdout, stderr } = await owner.run(line)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain('this works beside the database alone')
      expect(stderr).toContain('an operator who is signed in: no client is one')
    },
  )
})

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { inBulk } from '../../management/desk.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()

describe('a name with what does not show', () => {
  it('is refused, and one from before is still shown and can be changed', async () => {
    const owner = await api().owned()
    const place = `/organizations/${owner.organization}/roles`
    const trap = 'Owner\u034F'
    const refused = await owner.call('POST', place, { name: trap })
    expect([refused.status, refused.body.code]).toEqual([400, 'request_malformed'])
    expect(refused.body.places).toMatchObject([{ at: '/name' }])

    const { organization } = owner
    const id = api().desk().random.id('role')
    await inBulk(
      api().desk(),
      organization,
      1,
      (series, madeNow) => sql`insert into role (organization_id, id, name, description, built_in,
          created_at, created_by_id, created_by_name)
        select ${organization}, ${id}, ${trap}, '', false, ${madeNow} from ${series}`,
    )
    expect((await owner.call('GET', `${place}/${id}`)).body.name).toBe(trap)
    const { items } = (await owner.call('GET', place)).body
    expect(items.map(({ name }: { name: string }) => name)).toContain(trap)
    const change = { description: 'Of before.' }
    expect(await owner.call('PATCH', `${place}/${id}`, change)).toMatchObject({
      status: 200,
      body: { name: trap, ...change },
    })
    expect((await owner.call('PATCH', `${place}/${id}`, { name: 'Reader' })).body.name).toBe(
      'Reader',
    )
  })
})

describe('the name of an organization', () => {
  it('tells only operators by its name that another one is there', async () => {
    const [owner, elsewhere] = [await api().owned(), await api().owned()]
    const own = `/organizations/${owner.organization}`
    const operator = await api().member(owner.organization, ['Owner'], true)
    const { name } = (await elsewhere.call('GET', `/organizations/${elsewhere.organization}`)).body
    const told = await operator.call('PATCH', own, { name })
    expect([told.status, told.body.code]).toEqual([409, 'organization_name_taken'])

    const named = await owner.call('PATCH', own, { name })
    expect([named.status, named.body.name]).toEqual([200, name])
    const { items } = (await owner.call('GET', `/organizations?name=${encodeURIComponent(name)}`))
      .body
    expect(items).toEqual([named.body])
    // That it is called so is no reason to refuse what else is changed.
    const changed = await operator.call('PATCH', own, { name, default_audience: null })
    expect(changed.status).toBe(200)
  })
})

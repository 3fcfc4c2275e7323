import { expect, it } from 'vitest'
import { tokenOf } from '../../management/people.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()
const password = 'correct horse battery staple'

it('asks somebody new for a name and a password, and only somebody who is known to sign in', async () => {
  const owner = await api().owned()
  const invite = async (email: string) => {
    const path = `/organizations/${owner.organization}/invitations`
    return { token: tokenOf((await owner.call('POST', path, { email })).body) }
  }
  const accept = async (body: object) => api().nobody('POST', '/invitations/accept', body)
  const link = await invite('newcomer@example.com')
  const problem = 'is needed: nobody here has this email yet'
  for (const [said, missing] of [
    [{}, ['/name', '/password']],
    [{ name: 'Grace' }, ['/password']],
    [{ password }, ['/name']],
  ] as const) {
    expect(await accept({ ...link, ...said })).toMatchObject({
      status: 400,
      body: {
        code: 'request_malformed',
        places: missing.map((at) => ({ in: 'body', at, problem })),
      },
    })
  }
  const known = await invite((await api().owned()).email)
  expect(await accept(known)).toMatchObject({ status: 409, body: { code: 'sign_in_needed' } })
  expect((await accept({ ...link, name: 'Grace', password })).status).toBe(201)
  expect(await accept(link)).toMatchObject({ status: 404, body: { code: 'link_unknown' } })
})

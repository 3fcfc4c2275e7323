import { call, session } from './call.js'
import { fill, fillNext, onSubmit, show } from './form.js'
import { isDead, takeToken } from './link.js'

const token = takeToken()
if (token !== undefined) show('form')

onSubmit('form', async (given) => {
  const signedIn = await session()
  const outcome = await call('POST', '/setup', {
    body: { ...given, token },
    csrf: signedIn?.csrf_token,
  })
  if (!outcome.ok) return isDead(outcome.problem) ? undefined : outcome.problem
  const { member, organization_name: organization } = outcome.value
  fill({ name: member.name, email: member.email, organization })
  fillNext(member.email)
  show('done')
  return undefined
})

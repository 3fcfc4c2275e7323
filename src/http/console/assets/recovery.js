import { call, session } from './call.js'
import { fill, fillNext, onSubmit, show } from './form.js'
import { isDead, takeToken } from './link.js'

const token = takeToken()
if (token !== undefined) show('form')

onSubmit('form', async ({ password }) => {
  const signedIn = await session()
  const outcome = await call('POST', '/recovery', {
    body: { token, password },
    csrf: signedIn?.csrf_token,
  })
  if (!outcome.ok) return isDead(outcome.problem) ? undefined : outcome.problem
  const { name, email } = outcome.value
  fill({ name, email })
  fillNext(email)
  show('done')
  return undefined
})

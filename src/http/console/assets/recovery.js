import { call, session } from './call.js'
import { fill, fillEmail, fillNext, momentText, onSubmit, show } from './form.js'
import { isDead, showDead, takeToken } from './link.js'

const token = takeToken()
if (token !== undefined) await open()

onSubmit('form', async ({ password }) => {
  const signedIn = await session()
  const outcome = await call('POST', '/recovery', {
    body: { token, password },
    csrf: signedIn?.csrf_token,
  })
  if (!outcome.ok) return isDead(outcome.problem) ? undefined : outcome.problem
  fillNext(outcome.value.email)
  show('done')
  return undefined
})

/** Looks whose password it is, which does not use the link up. */
async function open() {
  show('waiting')
  const signedIn = await session()
  const seen = await call('POST', '/recovery/look', { body: { token }, csrf: signedIn?.csrf_token })
  if (!seen.ok) return isDead(seen.problem) || showDead(seen.problem, open)
  const { name, email, expires_at: end } = seen.value
  fill({ name, email, until: momentText(end) })
  fillEmail(email)
  return show('form')
}

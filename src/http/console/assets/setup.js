import { call, session } from './call.js'
import { fill, fillNext, momentText, onSubmit, show } from './form.js'
import { isDead, showDead, takeToken } from './link.js'

const token = takeToken()
if (token !== undefined) await open()

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

/** Looks at the link before anybody fills in a form for nothing. */
async function open() {
  show('waiting')
  const signedIn = await session()
  const seen = await call('POST', '/setup/look', { body: { token }, csrf: signedIn?.csrf_token })
  if (!seen.ok) return isDead(seen.problem) || showDead(seen.problem, open)
  fill({ until: momentText(seen.value.expires_at) })
  return show('form')
}

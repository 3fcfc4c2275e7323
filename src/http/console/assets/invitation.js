import { call, session } from './call.js'
import {
  fill,
  fillEmail,
  fillNext,
  formOf,
  momentText,
  onSubmit,
  show,
  showProblem,
} from './form.js'
import { isDead, showDead, takeToken } from './link.js'

const token = takeToken()
let signedIn
let email = ''

if (token !== undefined) await open()

onSubmit('new', async ({ name, password }) => accept({ name, password }))
onSubmit('accept', async () => accept({}))
onSubmit('sign-in', async ({ password, code }) => {
  const codeField = formOf('sign-in').querySelector('[data-code]')
  const outcome = await call('POST', '/session', {
    body: { email, password, ...(codeField.hidden ? {} : { code: code.replaceAll(' ', '') }) },
    csrf: signedIn?.csrf_token,
  })
  if (outcome.ok) {
    signedIn = outcome.value
    return accept({})
  }
  if (outcome.problem.code !== 'totp_needed' || !codeField.hidden) return outcome.problem
  codeField.hidden = false
  codeField.querySelector('input').focus()
  return undefined
})

/** Looks at the invitation, which does not use it up. */
async function open() {
  show('waiting')
  signedIn = await session()
  const seen = await call('POST', '/invitations/look', {
    body: { token },
    csrf: signedIn?.csrf_token,
  })
  if (!seen.ok) return isDead(seen.problem) || showDead(seen.problem, open)
  const {
    organization_name: organization,
    invited_by: inviter,
    role_names,
    group_names,
  } = seen.value
  email = seen.value.email
  fill({
    organization,
    inviter,
    email,
    roles: role_names.join(', '),
    groups: group_names.join(', '),
    until: momentText(seen.value.expires_at),
  })
  fillEmail(email)
  return seen.value.sign_in_needed ? showKnown() : show('new')
}

/** For somebody who has a password here. */
function showKnown() {
  const person = signedIn?.person
  const isTheirs = person?.email === email
  fill({ person: person?.name ?? '', other: person === undefined || isTheirs ? '' : person.email })
  show(isTheirs ? 'accept' : 'sign-in')
}

async function accept(newcomer) {
  const outcome = await call('POST', '/invitations/accept', {
    body: { token, ...newcomer },
    csrf: signedIn?.csrf_token,
  })
  if (outcome.ok) {
    fillNext(email, { mayHaveCode: newcomer.password === undefined })
    show('done')
    return undefined
  }
  const { problem } = outcome
  if (isDead(problem)) return undefined
  // Somebody has become known since the page was opened, or the session has ended since.
  if (problem.code === 'sign_in_needed' || problem.code === 'session_needed') {
    signedIn = await session()
    showKnown()
    return undefined
  }
  if (formOf('accept').closest('[hidden]') === null || signedIn?.person.email !== email) {
    return problem
  }
  showKnown()
  showProblem(formOf('accept'), problem)
  return undefined
}

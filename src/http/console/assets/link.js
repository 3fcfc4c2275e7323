// The token of a link: in the fragment, and not for longer than it takes to read it.

import { fill, show } from './form.js'

const tokenForm = /^cln_[0-9A-Za-z]{49}$/

/** The problems after which the same link will not do either. */
const deadly = new Set([
  'link_unknown',
  'link_lapsed',
  'invitation_lapsed',
  'operator_exists',
  'member_exists',
])

const ownWords = {
  member_exists: ['You are a member already', 'There is nothing left to accept.'],
}

/** The token in the address, which is taken out of it; without one, the page says so. */
export function takeToken() {
  const token = location.hash.slice(1)
  history.replaceState(undefined, '', location.pathname)
  // Another link in the same tab changes only the fragment, and loads nothing.
  addEventListener('hashchange', () => location.reload())
  if (tokenForm.test(token)) return token
  show('missing')
  return undefined
}

/** Whether a problem means the end of the link: then that is all there is to see. */
export function isDead({ code, title, detail, places, traceId }) {
  const isMistyped = places.some(({ at }) => at === 'token')
  if (!deadly.has(code) && !isMistyped) return false
  if (isMistyped) {
    show('missing')
    return true
  }
  const [ownTitle, ownDetail] = ownWords[code] ?? [title, detail]
  showDead({ title: ownTitle, detail: ownDetail, traceId })
  // Another link would not do either.
  if (code === 'operator_exists' || code === 'member_exists') {
    document.querySelector('[data-where]').hidden = true
  }
  return true
}

/** Says that the link opens nothing; or, with a way to `retry`, that it could not be tried. */
export function showDead({ title, detail, traceId }, retry) {
  fill({
    'dead-title': title,
    'dead-detail': detail,
    trace: traceId === undefined ? '' : `Trace id ${traceId}`,
  })
  document.querySelector('[data-where]').hidden = retry !== undefined
  const button = document.querySelector('[data-retry]')
  button.hidden = retry === undefined
  if (retry !== undefined) button.addEventListener('click', retry, { once: true })
  show('dead')
}

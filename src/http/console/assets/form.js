// Steps, forms and their fields.

import { docs, signInCommand } from './call.js'

const copiedMilliseconds = 2000
const codeWords = 'Then type the code of your authenticator; if you have none, press Enter.'

/** Shows one step of the page, and tells whoever does not see it by its heading. */
export function show(name) {
  for (const section of document.querySelectorAll('[data-step]')) {
    section.hidden = section.dataset.step !== name
  }
  const step = stepNamed(name)
  const first = step.querySelector('input:not([readonly]):not([type="hidden"])')
  if (first === null || step.dataset.seen !== undefined) step.querySelector('h1')?.focus()
  else if (matchMedia('(pointer: fine)').matches) first.focus()
  step.dataset.seen = ''
}

/** Puts texts where the page has places for them, and hides the places of those that are empty. */
export function fill(texts) {
  for (const [name, text] of Object.entries(texts)) {
    for (const place of document.querySelectorAll(`[data-text="${name}"]`)) place.textContent = text
    for (const place of document.querySelectorAll(`[data-if="${name}"]`)) place.hidden = text === ''
  }
}

/** Puts who it is about into the fields that nobody changes. */
export function fillEmail(email) {
  for (const input of document.querySelectorAll('input[name="email"][readonly]')) {
    input.value = email
  }
}

/** A moment as people here write it, with the time zone that it is told in. */
export function momentText(moment) {
  return new Date(moment).toLocaleString(undefined, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  })
}

/** What comes after: the way in for whoever has this email, and perhaps an authenticator. */
export function fillNext(email, { mayHaveCode = false } = {}) {
  fill({ command: signInCommand(email, { mayHaveCode }), code: mayHaveCode ? codeWords : '' })
  for (const link of document.querySelectorAll('[data-docs]')) link.href = docs
}

/**
 * Does `work` with what a form holds, once at a time. `work` answers with the problem that there was,
 * if there was one and it has not shown it by other means.
 */
export function onSubmit(step, work) {
  const form = stepNamed(step).querySelector('form')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const button = form.querySelector('[type="submit"]')
    if (button.disabled) return
    clear(form)
    if (!isComplete(form)) return
    const label = button.textContent
    button.disabled = true
    button.textContent = button.dataset.meanwhile
    form.setAttribute('aria-busy', 'true')
    const problem = await work(Object.fromEntries(new FormData(form)))
    button.disabled = false
    button.textContent = label
    form.removeAttribute('aria-busy')
    if (problem !== undefined) showProblem(form, problem)
  })
}

/** Says what went wrong: at the field that it is about, or above the button. */
export function showProblem(form, { code, title, detail, places, traceId }) {
  const named = places.map(({ at, problem }) => [at, `This ${problem}.`])
  const about = code === 'organization_name_taken' ? 'organization_name' : 'password'
  const wrong = /^password_|^organization_name_/.test(code) ? [[about, detail]] : named
  const shown = wrong.filter(([name, text]) => mark(form, name, text))
  if (shown.length > 0) {
    form.querySelector('[aria-invalid="true"]')?.focus()
    return
  }
  form
    .querySelector('[data-problem]')
    .replaceChildren(
      element('strong', title),
      element('p', detail),
      ...(traceId === undefined ? [] : [element('p', `Trace id ${traceId}`, 'trace')]),
    )
}

/** The field of a form, or the form of a step. */
export function formOf(step) {
  return stepNamed(step).querySelector('form')
}

function stepNamed(name) {
  return document.querySelector(`[data-step="${name}"]`)
}

function element(name, text, className = '') {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

function clear(form) {
  form.querySelector('[data-problem]').replaceChildren()
  for (const field of form.querySelectorAll('[data-field]')) unmark(field)
}

function unmark(field) {
  const wrong = field.querySelector('.wrong')
  wrong.hidden = true
  wrong.textContent = ''
  field.querySelector('input').removeAttribute('aria-invalid')
}

function mark(form, name, text) {
  const field = form.querySelector(`[data-field="${name}"]`)
  if (field === null) return false
  const wrong = field.querySelector('.wrong')
  wrong.textContent = text
  wrong.hidden = false
  field.querySelector('input').setAttribute('aria-invalid', 'true')
  return true
}

/** What can be known without asking. The server decides. */
function isComplete(form) {
  const wrong = [...form.querySelectorAll('[data-field]')].filter((field) => {
    const reason = field.closest('[hidden]') === null ? whyNot(field) : undefined
    return reason !== undefined && mark(form, field.dataset.field, reason)
  })
  wrong[0]?.querySelector('input').focus()
  return wrong.length === 0
}

function whyNot(field) {
  const { value, type } = field.querySelector('input')
  if (value === '') return 'This is needed.'
  if (type === 'email' && !/^[^@\s]+@[^@\s]+$/.test(value)) return 'This is no email address.'
  if (field.dataset.min === undefined) return undefined
  const missing = Number(field.dataset.min) - lengthOf(value)
  if (missing > 0) return `${characters(missing)} too short.`
  const over = lengthOf(value) - Number(field.dataset.max)
  return over > 0 ? `${characters(over)} too long.` : undefined
}

/** As the server counts: of what looks the same, as one. */
function lengthOf(password) {
  return [...password.normalize('NFKC')].length
}

function characters(count) {
  return count === 1 ? '1 character' : `${count} characters`
}

for (const button of document.querySelectorAll('[data-reveal]')) {
  button.addEventListener('click', () => {
    const input = button.parentElement.querySelector('input')
    const isShown = input.type === 'password'
    input.type = isShown ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(isShown))
    button.firstChild.textContent = isShown ? 'Hide' : 'Show'
  })
}

for (const field of document.querySelectorAll('[data-field]')) {
  field.addEventListener('input', () => {
    unmark(field)
    const rule = field.querySelector('[data-rule]')
    if (rule === null) return
    const { value } = field.querySelector('input')
    const isLongEnough = value !== '' && whyNot(field) === undefined
    const text = isLongEnough ? 'Long enough.' : ''
    if (rule.textContent !== text) rule.textContent = text
  })
}

for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = navigator.clipboard === undefined
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector('code').textContent)
    button.textContent = 'Copied'
    setTimeout(() => (button.textContent = 'Copy'), copiedMilliseconds)
  })
}

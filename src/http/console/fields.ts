import { html } from 'hono/html'
import { passwordCharacters } from '../../domain/password.ts'
import type { Html } from './layout.ts'

type Field = {
  /** As the API calls it; what a problem says of it is shown beside it. */
  readonly name: string
  readonly label: string
  readonly autocomplete: string
  readonly type?: 'text' | 'email' | 'password'
  readonly inputmode?: 'numeric' | 'email'
  readonly hint?: string
  /** Shown, and not to be changed. */
  readonly isFixed?: boolean
}

export function field(form: string, given: Field): Html {
  const { name, label } = given
  return html`<div class="field" data-field="${name}">
    <label for="${form}-${name}">${label}</label>
    ${hintOf(form, given)} ${input(form, given)}
    <p class="wrong" id="${form}-${name}-wrong" hidden></p>
  </div>`
}

/** A password that somebody chooses, with the rules that it has to keep. */
export function newPasswordField(form: string): Html {
  const { min, max } = passwordCharacters
  return html`<div class="field" data-field="password" data-min="${min}" data-max="${max}">
    <label for="${form}-password">Password</label>
    <p class="hint" id="${form}-password-hint">
      ${min} to ${max} characters; none that many people choose, and not your email or your name.
      Four or five words are easy to remember.
    </p>
    ${secretInput(form, 'new-password')}
    <p class="rule" data-rule aria-live="polite" id="${form}-password-rule"></p>
    <p class="wrong" id="${form}-password-wrong" hidden></p>
  </div>`
}

/** Whose password it is, for what keeps passwords; people read it elsewhere on the page. */
export function unseenUsername(): Html {
  return html`<input
    class="unseen"
    type="email"
    name="email"
    autocomplete="username"
    tabindex="-1"
    aria-hidden="true"
    readonly
  />`
}

/** The password that somebody has. */
export function passwordField(form: string): Html {
  return html`<div class="field" data-field="password">
    <label for="${form}-password">Password</label>
    ${secretInput(form, 'current-password')}
    <p class="wrong" id="${form}-password-wrong" hidden></p>
  </div>`
}

/** Where a form says what went wrong, and its one button. */
export function submit(label: string, meanwhile: string): Html {
  return html`<div class="problem" role="alert" data-problem></div>
    <button type="submit" data-meanwhile="${meanwhile}">${label}</button>`
}

function hintOf(form: string, { name, hint }: Field): Html | string {
  return hint === undefined ? '' : html`<p class="hint" id="${form}-${name}-hint">${hint}</p>`
}

function input(form: string, { name, type = 'text', autocomplete, ...more }: Field): Html {
  const id = `${form}-${name}`
  const described = more.hint === undefined ? `${id}-wrong` : `${id}-hint ${id}-wrong`
  return html`<input
    id="${id}"
    name="${name}"
    type="${type}"
    autocomplete="${autocomplete}"
    aria-describedby="${described}"
    autocapitalize="${name.endsWith('name') ? 'words' : 'none'}"
    spellcheck="false"
    inputmode="${more.inputmode ?? 'text'}"
    required
    ${more.isFixed === true ? 'readonly' : ''}
  />`
}

function secretInput(form: string, autocomplete: 'new-password' | 'current-password'): Html {
  const id = `${form}-password`
  return html`<div class="secret">
    <input
      id="${id}"
      name="password"
      type="password"
      autocomplete="${autocomplete}"
      aria-describedby="${id}-hint ${id}-wrong"
      autocapitalize="none"
      spellcheck="false"
      required
    />
    <button type="button" class="quiet" data-reveal aria-controls="${id}" aria-pressed="false">
      Show<span class="unseen"> password</span>
    </button>
  </div>`
}

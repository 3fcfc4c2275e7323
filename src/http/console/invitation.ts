import { html } from 'hono/html'
import { field, newPasswordField, passwordField, submit } from './fields.ts'
import type { Html, Place } from './layout.ts'
import { layout, linkSteps, nextSteps, step } from './layout.ts'

const title = html`Join <span data-text="organization"></span>`

/** Where somebody who was invited comes in: by a new password, or as whom they are already. */
export function invitationPage(place: Place): Html {
  return layout(place, {
    title: 'Invitation',
    script: 'invitation.js',
    content: html`${linkSteps({ where: 'If it has ended, ask whoever invited you for a new one.' })}
    ${step({ name: 'new', title, content: newcomer() })}
    ${step({ name: 'sign-in', title, content: signIn() })}
    ${step({ name: 'accept', title, content: accept() })}
    ${step({
      name: 'done',
      title: html`You are in <span data-text="organization"></span>`,
      content: done(),
    })}`,
  })
}

function terms(): Html {
  return html`<dl class="facts">
    <dt>Invited by</dt>
    <dd data-text="inviter"></dd>
    <dt>For</dt>
    <dd data-text="email"></dd>
    <dt data-if="roles">Roles</dt>
    <dd data-if="roles" data-text="roles"></dd>
    <dt data-if="groups">Groups</dt>
    <dd data-if="groups" data-text="groups"></dd>
    <dt>Good until</dt>
    <dd data-text="until"></dd>
  </dl>`
}

function newcomer(): Html {
  return html`${terms()}
    <form method="post" novalidate>
      ${email('new')} ${field('new', { name: 'name', label: 'Your name', autocomplete: 'name' })}
      ${newPasswordField('new')} ${submit('Join', 'Joining…')}
    </form>`
}

function signIn(): Html {
  return html`${terms()}
    <p>You are known here: sign in to accept.</p>
    <p data-if="other">
      You are signed in as <span data-text="other"></span>; that session is replaced in this
      browser.
    </p>
    <form method="post" novalidate>
      ${email('sign-in')} ${passwordField('sign-in')}
      <div data-code hidden>
        ${field('sign-in', {
          name: 'code',
          label: 'Code of your authenticator',
          inputmode: 'numeric',
          autocomplete: 'one-time-code',
          hint: 'Six digits.',
        })}
      </div>
      ${submit('Sign in and join', 'Signing in…')}
    </form>`
}

function accept(): Html {
  return html`${terms()}
    <form method="post" novalidate>
      <p>You are signed in as <span data-text="person"></span>.</p>
      ${submit('Join', 'Joining…')}
    </form>`
}

function email(form: string): Html {
  return field(form, {
    name: 'email',
    label: 'Email',
    type: 'email',
    autocomplete: 'username',
    isFixed: true,
  })
}

function done(): Html {
  return html`<dl class="facts">
      <dt>Email</dt>
      <dd data-text="email"></dd>
      <dt data-if="roles">Roles</dt>
      <dd data-if="roles" data-text="roles"></dd>
      <dt data-if="groups">Groups</dt>
      <dd data-if="groups" data-text="groups"></dd>
    </dl>
    ${nextSteps()}`
}

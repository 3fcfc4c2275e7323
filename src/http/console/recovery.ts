import { html } from 'hono/html'
import { newPasswordField, submit, unseenUsername } from './fields.ts'
import type { Html, Place } from './layout.ts'
import { layout, linkSteps, nextSteps, step } from './layout.ts'

/** Where somebody who cannot sign in chooses a new password. */
export function recoveryPage(place: Place): Html {
  return layout(place, {
    title: 'New password',
    script: 'recovery.js',
    content: html`${linkSteps({
      where: 'An Owner of your organization, or an operator, makes such a link.',
    })}
    ${step({ name: 'form', title: 'Choose a new password', content: form() })}
    ${step({ name: 'done', title: 'You have a new password', content: done() })}`,
  })
}

function form(): Html {
  return html`<dl class="facts">
      <dt>Name</dt>
      <dd data-text="name"></dd>
      <dt>Email</dt>
      <dd data-text="email"></dd>
      <dt>Good until</dt>
      <dd data-text="until"></dd>
    </dl>
    <p class="lead">
      When you set it, you will be signed out everywhere, and your authenticator will be taken away
      if you have one: add it again when you have signed in. The link works once.
    </p>
    <form method="post" novalidate>
      ${unseenUsername()} ${newPasswordField('recovery')} ${submit('Set password', 'Setting it…')}
    </form>`
}

function done(): Html {
  return html`<dl class="facts">
      <dt>Name</dt>
      <dd data-text="name"></dd>
      <dt>Email</dt>
      <dd data-text="email"></dd>
    </dl>
    ${nextSteps()}`
}

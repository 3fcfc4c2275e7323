import { html } from 'hono/html'
import { field, newPasswordField, submit } from './fields.ts'
import type { Html, Place } from './layout.ts'
import { layout, linkSteps, nextSteps, step } from './layout.ts'

/** Where the first operator comes in. */
export function setupPage(place: Place): Html {
  return layout(place, {
    title: 'Set up',
    script: 'setup.js',
    content: html`${linkSteps({
      where:
        'Whoever runs the server makes a setup link with the command “countersign setup-link”, as long as there is no operator.',
    })}
    ${step({ name: 'form', title: 'Set up this server', content: form() })}
    ${step({ name: 'done', title: html`Welcome, <span data-text="name"></span>`, content: done() })}`,
  })
}

function form(): Html {
  return html`<p class="lead">
      You are the first one here. You become an operator of this server, and the Owner of your
      organization. The link works once, until <span data-text="until"></span>.
    </p>
    <form method="post" novalidate>
      ${field('setup', {
        name: 'email',
        label: 'Email',
        type: 'email',
        inputmode: 'email',
        autocomplete: 'username',
        hint: 'You sign in with it. Nothing is sent there.',
      })}
      ${field('setup', { name: 'name', label: 'Your name', autocomplete: 'name' })}
      ${newPasswordField('setup')}
      ${field('setup', {
        name: 'organization_name',
        label: 'Organization',
        autocomplete: 'organization',
        hint: 'A new one, or one that is there already and has no Owner.',
      })}
      ${submit('Set up', 'Setting up…')}
    </form>`
}

function done(): Html {
  return html`<dl class="facts">
      <dt>Email</dt>
      <dd data-text="email"></dd>
      <dt>This server</dt>
      <dd>Operator</dd>
      <dt data-text="organization"></dt>
      <dd>Owner</dd>
    </dl>
    ${nextSteps()}`
}

import { html } from 'hono/html'
import type { Reason } from '../problems/problem-table.ts'
import { problemFaces } from '../problems/problem-table.ts'
import { advice } from './advice.ts'
import type { Html } from './prose.ts'
import { sentence } from './prose.ts'

/** Every code that a problem document can have: where its `type` leads. */
export function problemList(): Html {
  const reasons = Object.keys(advice).filter(isReason).toSorted()
  return html`<dl class="problems">${reasons.map(problemEntry)}</dl>`
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(problemFaces, text)
}

function problemEntry(reason: Reason): Html {
  const [status, title] = problemFaces[reason]
  return html`<div id="problem-${reason}">
    <dt><code>${reason}</code> <span class="status">${status}</span></dt>
    <dd>
      <p><strong>${title}.</strong> ${sentence(advice[reason])}</p>
    </dd>
  </div>`
}

export function problemLink(reason: Reason): Html {
  return html`<a class="code" href="#problem-${reason}">${reason}</a>`
}

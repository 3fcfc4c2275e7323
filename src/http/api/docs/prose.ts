import { html } from 'hono/html'

export type Html = ReturnType<typeof html>

export const none: Html = html``

/** A text of the API as people read it: what stands between backticks is code, an empty line begins a paragraph. */
export function prose(text: string): readonly Html[] {
  return text.split(/\n\n+/).map((paragraph) => html`<p>${sentence(paragraph)}</p>`)
}

export function sentence(text: string): readonly Html[] {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

/** `Service accounts` as the end of a link. */
export function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

/** Things with a comma between each two. */
export function listed(things: readonly Html[]): readonly Html[] {
  return things.map((thing, index) => (index === 0 ? thing : html`, ${thing}`))
}

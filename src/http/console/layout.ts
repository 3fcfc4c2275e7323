import { html } from 'hono/html'
import { apiPath } from '../../protocol/metadata.ts'

export type Html = ReturnType<typeof html>

/** Where the console is: below the path of the issuer, at its host. */
export type Place = { readonly base: string; readonly host: string }

export const assetsPath = '/console/assets'

type Page = {
  readonly title: string
  /** The name of its script. */
  readonly script: string
  readonly content: Html
}

/** What every page has around it. */
export function layout({ base, host }: Place, { title, script, content }: Page): Html {
  const assets = `${base}${assetsPath}`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title} · Countersign</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href="${assets}/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${assets}/console.css" />
        <script type="module" src="${assets}/${script}"></script>
      </head>
      <body data-api="${base}${apiPath}">
        <header class="brand">
          <img src="${assets}/icon.svg" alt="" width="28" height="28" />
          <span>Countersign</span>
        </header>
        <main>${content}</main>
        <footer><span class="host">${host}</span></footer>
      </body>
    </html>`
}

type Step = { readonly name: string; readonly title: Html | string; readonly content: Html }

/** One of the states of a page; its script shows one at a time, and moves the focus to its heading. */
export function step({ name, title, content }: Step): Html {
  return html`<section data-step="${name}" hidden>
    <h1 tabindex="-1">${title}</h1>
    ${content}
  </section>`
}

type Without = { readonly where: string }

/** What a page shows while it has no link that opens something. */
export function linkSteps({ where }: Without): Html {
  return html`<noscript>
      <h1>This page needs JavaScript</h1>
      <p class="lead">
        It reads the link in your browser, so that what opens it is never sent along with an
        address.
      </p>
    </noscript>
    <section data-step="waiting" hidden>
      <p class="waiting" role="status">Opening the link…</p>
    </section>
    ${step({
      name: 'missing',
      title: 'This page needs its whole link',
      content: html`<p class="lead">
          Open the link that you were given, with everything that stands after the
          <code>#</code>. If you have reloaded this page, open the link once more: it is not kept in
          the address.
        </p>
        <p>${where}</p>`,
    })}
    ${step({
      name: 'dead',
      title: html`<span data-text="dead-title"></span>`,
      content: html`<p class="lead" data-text="dead-detail"></p>
        <p data-where>${where}</p>
        <p class="trace" data-text="trace"></p>
        <button type="button" class="retry" data-retry hidden>Try again</button>`,
    })}`
}

/** What comes after: there are no more pages yet, so it is a command. */
export function nextSteps(): Html {
  return html`<h2>Next</h2>
    <p>
      Sign in from a terminal: paste this, and type your password, which is not shown.
      <span data-if="code" data-text="code"></span>
    </p>
    <div class="command">
      <pre tabindex="0" aria-label="Commands to sign in"><code data-text="command"></code></pre>
      <button type="button" class="quiet" data-copy hidden>Copy</button>
    </div>
    <p><a data-docs href="#">What the API can do</a></p>`
}

import { html } from 'hono/html'
import type { ManagementPermission } from '../../../domain/management-permission.ts'
import { builtInRoles, managementPermissions } from '../../../domain/management-permission.ts'
import { apiPath } from '../../../protocol/metadata.ts'
import type { ApiRoute } from '../route.ts'
import type { Document } from './document.ts'
import { bodySchemaOf, isReference, nameIn, namedSchemas, operationOf } from './document.ts'
import { membersTable } from './members.ts'
import { ofEveryCall, operationArticle } from './operation.ts'
import { problemLink, problemList } from './problems.ts'
import type { Html } from './prose.ts'
import { anchor, listed, none, sentence } from './prose.ts'

type Content = {
  readonly routes: readonly ApiRoute[]
  readonly document: Document
  readonly issuer: string
}

/** The reference of the management API as one page, which reads well without any script. */
export async function referencePage({ routes, document, issuer }: Content): Promise<string> {
  const base = `${issuer.replace(/\/$/, '')}${apiPath}`
  const nouns = Map.groupBy(routes, ({ tag }) => tag)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Countersign management API</title>
        <link rel="stylesheet" href="docs.css" />
      </head>
      <body>
        <a class="skip" href="#content">To the content</a>
        ${contents(nouns)}
        <main id="content">
          ${introduction(base, issuer)}
          ${[...nouns].map(([noun, ofNoun]) => nounSection(noun, { document, issuer, routes: ofNoun }))}
          ${schemaSection({ routes, document, issuer })}
          <section id="problems">
            <h2>Problem codes</h2>
            <p>
              Every refusal is a problem document (RFC 9457). Its <code>type</code> leads here;
              programs compare its <code>code</code>. Where the body names what does not exist, and
              not the path, the status is 422.
            </p>
            ${problemList()}
          </section>
        </main>
      </body>
    </html>`
  return String(await page).replaceAll(indentation, '\n')
}

/** Of the markup. Examples have none before a tag, since theirs are escaped. */
const indentation = /\n +(?=<)/g

function contents(nouns: ReadonlyMap<string, readonly ApiRoute[]>): Html {
  return html`<nav aria-label="Contents">
    <p class="brand"><a href="#content">Countersign</a> <span>management API</span></p>
    <ul>
      <li><a href="#permissions">Permissions</a></li>
      ${[...nouns].map(
        ([noun, routes]) =>
          html`<li>
            <a href="#${anchor(noun)}">${noun}</a>
            <ul>
              ${routes.map(({ operationId, summary }) => html`<li><a href="#${operationId}">${summary}</a></li>`)}
            </ul>
          </li>`,
      )}
      <li><a href="#objects">Objects</a></li>
      <li><a href="#problems">Problem codes</a></li>
    </ul>
  </nav>`
}

function introduction(base: string, issuer: string): Html {
  return html`<header>
      <h1>Management API</h1>
      <p class="lead">
        Service accounts, their credentials, groups and roles, members and the audit trail, at
        <code>${base}</code>. For programs: the same as an
        <a href="openapi.json">OpenAPI 3.1 document</a>.
      </p>
    </header>
    <section id="start">
      <div class="beside">
        <div>
          <h2>How to call it</h2>
          <p>
            Programs send an access token of this server for its management API. It can do what its
            scope says, and no more than its holder may at the moment of the call. People send the
            cookie of their session; what changes something then also takes <code>Origin</code> and
            <code>X-CSRF-Token</code>.
          </p>
          <p>
            Bodies are JSON, names in snake_case, moments as in RFC 3339, and <code>null</code> for
            what there is not. Lists come in pages: <code>next_cursor</code> of the one is
            <code>cursor</code> of the next. <code>ETag</code> and <code>If-Match</code> keep two
            writers from overwriting each other, and an <code>Idempotency-Key</code> makes a
            creation that is sent twice happen once. Every answer has a <code>trace-id</code>, by
            which the operator finds what happened.
          </p>
        </div>
        <pre tabindex="0"><code>${firstCall(base, issuer)}</code></pre>
      </div>
      ${refusedEverywhere()}
    </section>
    ${permissionSection()}`
}

function firstCall(base: string, issuer: string): string {
  const server = issuer.replace(/\/$/, '')
  return `API=${base}
TOKEN=$(curl ${server}/oauth2/token \\
  -u "$CLIENT_ID:$CLIENT_SECRET" \\
  -d grant_type=client_credentials \\
  -d resource=${server}/api \\
  | jq -r .access_token)
curl "$API/organizations" \\
  -H "Authorization: Bearer $TOKEN"`
}

function refusedEverywhere(): Html {
  return html`<h3>What any call can be refused for</h3>
    <dl class="answers wide">
      ${Object.entries(ofEveryCall).map(
        ([calls, reasons]) =>
          html`<div>
            <dt>${calls}</dt>
            <dd>${listed(reasons.map(problemLink))}</dd>
          </div>`,
      )}
    </dl>`
}

function permissionSection(): Html {
  const roles = Object.values(builtInRoles)
  return html`<section id="permissions">
    <h2>Permissions</h2>
    <p>
      The management API is an API like any other: roles hold its permissions, and a permission
      counts if it is held on the whole organization. What an operator does takes no permission: no
      role contains it.
    </p>
    <div class="scrolled">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">Permission</th>
            <th scope="col">Lets its holder</th>
            ${roles.map(({ name }) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${Object.entries(managementPermissions).map(
            ([permission, description]) =>
              html`<tr id="permission-${permission}">
                <th scope="row"><code>${permission}</code></th>
                <td>${description.charAt(0).toLowerCase()}${description.slice(1)}</td>
                ${roles.map(({ permissions }) => html`<td>${holds(permissions, permission) ? '●' : none}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function holds(permissions: readonly ManagementPermission[], permission: string): boolean {
  return permissions.some((each) => each === permission)
}

function nounSection(noun: string, { routes, document, issuer }: Content): Html {
  const { origin } = new URL(issuer)
  return html`<section id="${anchor(noun)}">
    <h2>${noun}</h2>
    ${routes.map((route) => operationArticle(document, route, origin))}
  </section>`
}

/** What answers show. Bodies stand with what takes them. */
function schemaSection({ routes, document }: Content): Html {
  const bodies = new Set(
    routes.flatMap((route) => {
      const schema = bodySchemaOf(operationOf(document, route))
      return schema !== undefined && isReference(schema) ? [nameIn(schema)] : []
    }),
  )
  const shown = namedSchemas(document).filter(([name]) => !bodies.has(name))
  return html`<section id="objects">
    <h2>Objects</h2>
    ${shown.map(
      ([name, schema]) =>
        html`<article id="schema-${name}" class="object">
          <h3><a href="#schema-${name}">${name}</a></h3>
          <p>${sentence(schema.description ?? '')}</p>
          ${membersTable(document, schema, { presence: false })}
        </article>`,
    )}
  </section>`
}

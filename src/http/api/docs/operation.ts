import { html } from 'hono/html'
import type { PermittedOperation } from '../../../domain/management-permission.ts'
import { asPermission, builtInRoles, permissionFor } from '../../../domain/management-permission.ts'
import { needText } from '../openapi/openapi.ts'
import {
  crossSite,
  ofBody,
  ofKey,
  reasonsOf,
  statusOf,
  unauthenticated,
} from '../openapi/responses.ts'
import type { Reason } from '../problems/problem-table.ts'
import type { ApiRoute } from '../route.ts'
import type { Document, Parameter, SchemaOrReference } from './document.ts'
import { answerSchemaOf, bodySchemaOf, isReference, operationOf, parametersOf } from './document.ts'
import { curlExample } from './example.ts'
import { membersTable, typeOf, whenLeftOut } from './members.ts'
import { problemLink } from './problems.ts'
import type { Html } from './prose.ts'
import { listed, none, prose, sentence } from './prose.ts'

/** All there is to know about one route. */
export function operationArticle(document: Document, route: ApiRoute, origin: string): Html {
  const { operationId, method, path, summary, description = '' } = route
  const operation = operationOf(document, route)
  return html`<article id="${operationId}">
    <div class="told">
      <h3><a href="#${operationId}">${summary}</a></h3>
      <p class="path">
        <span class="method ${method}">${method.toUpperCase()}</span>
        <code>${brokenAtSlashes(path)}</code>
      </p>
      ${description === '' ? none : prose(description)}
      <p class="who">${whoMay(route)}</p>
      ${parametersTable(parametersOf(document, operation).filter(isOfItsOwn))}
      ${bodyTable(document, bodySchemaOf(operation))}
      ${answers(document, route, answerSchemaOf(operation, route))}
    </div>
    <pre tabindex="0"><code>${curlExample(document, route, origin)}</code></pre>
  </article>`
}

/** What goes with every session is told once, at the top of the page. */
function isOfItsOwn({ name }: Parameter): boolean {
  return name !== 'X-CSRF-Token'
}

/** So that a long path can take two lines. */
function brokenAtSlashes(path: string): readonly Html[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => html`<wbr />/${part}`)
}

function whoMay(route: ApiRoute): Html {
  const { operation } = route
  if (operation === undefined) return html`${needText(route)}`
  const permission = permissionFor[operation]
  const roles = rolesWith(operation).join(', ')
  return html`Takes <a class="code" href="#permission-${permission}">${permission}</a> in the
    organization. Built-in roles that hold it: ${roles}.`
}

function rolesWith(operation: PermittedOperation): readonly string[] {
  const permission = asPermission(permissionFor[operation])
  return Object.values(builtInRoles)
    .filter(({ permissions }) => permissions.map(asPermission).includes(permission))
    .map(({ name }) => name)
}

function parametersTable(parameters: readonly Parameter[]): Html {
  if (parameters.length === 0) return none
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Parameter</th>
        <th scope="col">Type</th>
        <th scope="col">Meaning</th>
      </tr>
    </thead>
    <tbody>
      ${parameters.map(parameterRow)}
    </tbody>
  </table>`
}

function parameterRow({ name, in: place, required, description = '', schema }: Parameter): Html {
  const kind = required === true ? html` <span class="needed">required</span>` : none
  return html`<tr>
    <th scope="row"><code>${name}</code> <span class="quiet">${place}</span>${kind}</th>
    <td>${schema === undefined ? none : typeOf(schema)}</td>
    <td>${sentence(description)}${schema === undefined ? none : whenLeftOut(schema)}</td>
  </tr>`
}

function bodyTable(document: Document, schema: SchemaOrReference | undefined): Html {
  if (schema === undefined) return none
  return html`<h4>Body</h4>
    ${membersTable(document, schema, { presence: true })}`
}

function answers(document: Document, route: ApiRoute, schema: SchemaOrReference | undefined): Html {
  return html`<h4>Answers</h4>
    <dl class="answers">
      <div>
        <dt><span class="status good">${route.status}</span></dt>
        <dd>
          ${answered(document, schema)}${route.versioned ? html`, with its <code>ETag</code>` : none}
        </dd>
      </div>
      ${[...refusedByStatus(route)].map(
        ([status, reasons]) =>
          html`<div>
            <dt><span class="status">${status}</span></dt>
            <dd>${listed(reasons.map(problemLink))}</dd>
          </div>`,
      )}
    </dl>`
}

function answered(document: Document, schema: SchemaOrReference | undefined): Html {
  if (schema === undefined) return html`Done, with nothing to show`
  if (isReference(schema)) return typeOf(schema)
  const items = schema.properties?.['items']
  if (items !== undefined && !isReference(items) && items.items !== undefined) {
    return html`A page of ${typeOf(items.items)}`
  }
  return membersTable(document, schema, { presence: false })
}

/** What only some calls are refused for; the rest is told once, at the top of the page. */
function refusedByStatus(route: ApiRoute): ReadonlyMap<number, readonly Reason[]> {
  const byStatus = new Map<number, readonly Reason[]>()
  for (const reason of reasonsOf(route).filter((each) => !isOfEveryCall(each))) {
    const status = statusOf(route, reason)
    byStatus.set(status, [...(byStatus.get(status) ?? []), reason])
  }
  return new Map([...byStatus].toSorted(([a], [b]) => a - b))
}

/** By what has to be so for them. */
export const ofEveryCall = {
  'every call': [
    'request_malformed',
    'credentials_ambiguous',
    'server_error',
    'temporarily_unavailable',
  ],
  'calls that take a token or a session': unauthenticated,
  'changes with the session cookie': crossSite,
  'calls with a body': ofBody,
  'calls with an Idempotency-Key': ofKey,
} as const satisfies Readonly<Record<string, readonly Reason[]>>

const told: ReadonlySet<Reason> = new Set(Object.values(ofEveryCall).flat())

function isOfEveryCall(reason: Reason): boolean {
  return told.has(reason)
}

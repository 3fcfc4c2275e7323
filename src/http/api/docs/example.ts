import { sessionCookie } from '../edge/identity.ts'
import type { ApiRoute, Need } from '../route.ts'
import type { Document, Schema, SchemaOrReference } from './document.ts'
import { bodySchemaOf, operationOf, resolved } from './document.ts'

/** A call of a route as it is typed into a shell, made from its schemas. `$API` is where the API is. */
export function curlExample(document: Document, route: ApiRoute, origin: string): string {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)
  const schema = bodySchemaOf(operationOf(document, route))
  const isUnsafe = route.method !== 'get'
  const curl = isUnsafe ? `curl -X ${route.method.toUpperCase()}` : 'curl'
  const bySession = route.needs === 'operator' || route.needs === 'session'
  const words = [
    `${curl} "$API${path}"`,
    ...credentialsOf[route.needs],
    ...(bySession && isUnsafe ? [`-H "Origin: ${origin}"`, '-H "X-CSRF-Token: $CSRF_TOKEN"'] : []),
    ...(schema === undefined ? [] : bodyWords(document, schema)),
  ]
  return words.join(' \\\n  ')
}

const sessionCredential = [`-b "${sessionCookie}=$SESSION"`]
const tokenCredential = ['-H "Authorization: Bearer $TOKEN"']
const credentialsOf: Readonly<Record<Need, readonly string[]>> = {
  permission: tokenCredential,
  authenticated: tokenCredential,
  operator: sessionCredential,
  session: sessionCredential,
  nobody: [],
}

function bodyWords(document: Document, schema: SchemaOrReference): readonly string[] {
  const body = JSON.stringify(exampleValue(document, schema), undefined, 2)
  return ["-H 'Content-Type: application/json'", `-d '${body.replaceAll("'", String.raw`'\''`)}'`]
}

/** A value that the schema takes: what it has to have, or else the first that it can have. */
function exampleValue(document: Document, schema: SchemaOrReference): unknown {
  const meant = resolved(document, schema)
  if (meant.example !== undefined) return meant.example
  if (meant.enum?.[0] !== undefined) return meant.enum[0]
  if (meant.properties !== undefined) return exampleObject(document, meant)
  if (meant.items !== undefined) return [exampleValue(document, meant.items)]
  return meant.default ?? plainExamples[[meant.type ?? 'string'].flat()[0] ?? 'string']
}

const plainExamples: Readonly<Record<string, unknown>> = {
  string: 'text',
  integer: 1,
  number: 1,
  boolean: true,
  null: null,
}

function exampleObject(document: Document, { properties = {}, required = [] }: Schema): object {
  const names = Object.keys(properties)
  const shown = required.length > 0 ? required : names.slice(0, 1)
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => shown.includes(name))
      .map(([name, member]) => [name, exampleValue(document, member)]),
  )
}

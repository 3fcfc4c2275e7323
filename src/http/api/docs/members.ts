import { html } from 'hono/html'
import { idBody } from '../edge/path-parameters.ts'
import type { Document, Schema, SchemaOrReference } from './document.ts'
import { isReference, nameIn, resolved } from './document.ts'
import type { Html } from './prose.ts'
import { none, sentence } from './prose.ts'

/** A member, by its path from the top: `roles[].role_id`. */
type Member = {
  readonly path: string
  readonly schema: SchemaOrReference
  readonly isRequired: boolean
}

/** Every member of an object, one a row. */
export function membersTable(
  document: Document,
  schema: SchemaOrReference,
  { presence }: { readonly presence: boolean },
): Html {
  const rows = membersOf(resolved(document, schema), '')
  if (rows.length === 0) return none
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Member</th>
        <th scope="col">Type</th>
        <th scope="col">Meaning</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((member) => memberRow(member, presence))}
    </tbody>
  </table>`
}

const depthMax = 5

function membersOf(schema: Schema, prefix: string, depth = 0): readonly Member[] {
  if (depth > depthMax) return []
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`
    const row: Member = { path, schema: member, isRequired: required.has(name) }
    return [row].concat(membersBelow(member, path, depth))
  })
}

function membersBelow(schema: SchemaOrReference, path: string, depth: number): readonly Member[] {
  if (isReference(schema)) return []
  if (schema.items !== undefined && !isReference(schema.items)) {
    return membersOf(schema.items, `${path}[].`, depth + 1)
  }
  return membersOf(schema, `${path}.`, depth + 1)
}

function memberRow({ path, schema, isRequired }: Member, presence: boolean): Html {
  const description = isReference(schema) ? undefined : schema.description
  return html`<tr>
    <th scope="row">
      <code>${breakable(path)}</code
      >${presence && isRequired ? html` <span class="needed">required</span>` : none}
    </th>
    <td>${typeOf(schema)}</td>
    <td>${sentence(description ?? '')}${presence ? whenLeftOut(schema) : none}</td>
  </tr>`
}

/** A long name breaks between its words; what is copied has no trace of it. */
function breakable(name: string): Html {
  const [first = '', ...others] = name.split('_')
  return html`${first}${others.map((word) => html`_<wbr />${word}`)}`
}

/** What it is if nothing is said of it. */
export function whenLeftOut(schema: SchemaOrReference): Html {
  if (isReference(schema) || schema.default === undefined) return none
  return html` <span class="quiet">Default: <code>${JSON.stringify(schema.default)}</code></span>`
}

/** `string, at most 100 characters`, or a link to the schema that has a name. */
export function typeOf(schema: SchemaOrReference): Html {
  if (isReference(schema)) return schemaLink(nameIn(schema))
  const prefix = idPrefixOf(schema)
  if (prefix !== undefined) return html`id, <code>${prefix}_…</code>`
  if (schema.items !== undefined) {
    const atMost = schema.maxItems === undefined ? '' : `, at most ${schema.maxItems}`
    return html`list of ${typeOf(schema.items)}${atMost}`
  }
  if (schema.enum !== undefined) {
    const values = schema.enum.map((value) => JSON.stringify(value)).join(' | ')
    return html`<code>${values}</code>`
  }
  const types = [schema.type ?? 'any'].flat().join(' | ')
  return html`${types}${limitsOf(schema)}`
}

/** People know an id by how it begins; what else is in it is for programs. */
function idPrefixOf({ pattern }: Schema): string | undefined {
  const [prefix, rest] = pattern?.split('_', 2) ?? []
  return rest?.startsWith(idBody) === true ? prefix?.replaceAll(/[^a-z|]/g, '') : undefined
}

function schemaLink(name: string): Html {
  return html`<a href="#schema-${name}">${name}</a>`
}

function limitsOf({ minLength, maxLength, minimum, maximum, format, pattern }: Schema): Html {
  const limits = [
    format ?? '',
    rangeOf(minLength, maxLength, ' characters'),
    rangeOf(minimum, maximum, ''),
  ].filter((limit) => limit !== '')
  const text = limits.map((limit) => `, ${limit}`).join('')
  return pattern === undefined
    ? html`${text}`
    : html`${text}, <code class="pattern">${pattern}</code>`
}

function rangeOf(min: number | undefined, max: number | undefined, unit: string): string {
  if (max === undefined) return min === undefined ? '' : `at least ${min}${unit}`
  return min === undefined ? `at most ${max}${unit}` : `${min} to ${max}${unit}`
}

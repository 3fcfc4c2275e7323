import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { moreText } from './answer-text.ts'
import type { Asked } from './api-client.ts'
import type { AuditEntryAnswer } from './answers.ts'
import { auditEntryAnswer, meAnswer, organizationAnswer, pageOf } from './answers.ts'
import type { Desk } from './command.ts'
import { serverCommand } from './command.ts'
import { reference, sinceField, untilField } from './fields.ts'
import { findOrganization } from './find.ts'
import type { Field, Values } from './inputs.ts'
import { flag, optional } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { table } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'

const idField: Field<string> = {
  placeholder: '<id>',
  accepts: 'an id',
  parse: (text) => (/^[\x21-\x7e]{1,100}$/.test(text) ? text : undefined),
}

const kindField: Field<string> = {
  placeholder: '<kind>',
  accepts: 'a kind of entry such as service_account.created',
  explained: true,
  parse: (text) => (/^[a-z_]{1,50}\.[a-z_]{1,50}$/.test(text) ? text : undefined),
}

const chainInputs = {
  organization: optional(reference('organization'), 'The chain of this organization'),
  server: flag('The chain of the server, which operators see'),
}

const filterInputs = {
  actor: optional(
    idField,
    'Only what this person, member or account did, or operator:<login> beside the database; whoami says yours',
  ),
  target: optional(idField, 'Only what was done to this'),
  kind: optional(kindField, 'Only entries of this kind'),
  from: optional(sinceField, 'Only from then on, which has been'),
  to: optional(untilField, 'Only before then'),
}

export const list = serverCommand({
  verb: 'list',
  summary: 'List what was done in an organization, or to the server, the oldest first',
  notes: [
    'The organization need not be said if there is only one. With --json each entry is there whole, with what it changed.',
  ],
  arguments: {},
  options: { ...chainInputs, ...filterInputs, ...listInputs },
  examples: ['audit list --from 7d --kind binding.created'],
  run: async (desk, given) => {
    const chain = await chainOf(desk, given)
    if (!chain.ok) return chain
    const query = { ...filterOf(given), ...pageQuery(given) }
    const call = { method: 'GET', path: chain.value, query } as const
    const page = await desk.api.ask(call, pageOf(auditEntryAnswer))
    if (!page.ok) return page
    const head = ['ENTRY', 'AT', 'KIND', 'BY', 'TARGET', 'ID']
    return accept({
      document: page.value,
      text: table(head, page.value.items.map(entryRow)) + moreText(page.value),
    })
  },
})

export const exported = serverCommand({
  verb: 'export',
  summary: 'Print entries of the audit trail, a line of JSON each',
  notes: [
    'Every chain that one may see, unless one is named; each from its first entry on. `entry` is what was written, to the byte; `hash` is the SHA-256 of the hash before and these bytes.',
  ],
  arguments: {},
  options: { ...chainInputs, ...filterInputs },
  examples: ['audit export --server --kind signing_key.revoked'],
  run: async (desk, given) => {
    const chains = await chainsOf(desk, given)
    if (!chains.ok) return chains
    const query = filterOf(given)
    for (const path of chains.value) {
      const call = { method: 'GET', path, query } as const
      const printed = await desk.api.lines(call, desk.print)
      if (!printed.ok) return printed
    }
    return accept({ document: undefined, text: '' })
  },
})

type Path = readonly string[]
type Named = Values<typeof chainInputs>

/** Where the entries of a chain are. */
async function chainOf(
  { api }: Desk,
  { organization: text, server }: Named,
): Promise<Result<Path, CommandRefusal>> {
  if (server && text !== undefined) {
    return refuse({ reason: 'usage_wrong', problems: ['give --organization or --server'] })
  }
  if (server) return accept(ofServer)
  const organization = await findOrganization(api, text)
  return organization.ok ? accept(ofOrganization(organization.value)) : organization
}

const ofServer = ['audit-entries']

function ofOrganization({ id }: { readonly id: string }): Path {
  return ['organizations', id, 'audit-entries']
}

async function chainsOf(
  desk: Desk,
  named: Named,
): Promise<Result<readonly Path[], CommandRefusal>> {
  if (!named.server && named.organization === undefined) return everyChain(desk)
  const chain = await chainOf(desk, named)
  return chain.ok ? accept([chain.value]) : chain
}

/** All that whoever calls may see: that of the server is for operators. */
async function everyChain({ api }: Desk): Promise<Result<readonly Path[], CommandRefusal>> {
  const me = await api.ask({ method: 'GET', path: ['me'] }, meAnswer)
  if (!me.ok) return me
  const chains: Path[] = me.value.is_operator ? [ofServer] : []
  let cursor: string | undefined
  do {
    const call = { method: 'GET', path: ['organizations'], query: { cursor } } as const
    const page: Awaited<Asked<Organizations>> = await api.ask(call, organizations)
    if (!page.ok) return page
    chains.push(...page.value.items.map(ofOrganization))
    cursor = page.value.next_cursor ?? undefined
  } while (cursor !== undefined)
  return accept(chains)
}

const organizations = pageOf(organizationAnswer)
type Organizations = ReturnType<typeof organizations.parse>

function filterOf({ actor, target, kind, from, to }: Values<typeof filterInputs>) {
  return {
    actor_id: actor,
    target_id: target,
    kind,
    from: from === undefined ? undefined : isoText(from),
    to: to === undefined ? undefined : isoText(to),
  }
}

function entryRow({ entry }: AuditEntryAnswer): readonly string[] {
  if (entry === null) return ['damaged', '', '', '', '', 'countersign audit verify says how']
  const { sequence, at, kind, actor, target } = entry
  return [String(sequence), at, kind, actor.name, target.name ?? '', target.id]
}

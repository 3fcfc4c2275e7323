import { z } from '@hono/zod-openapi'
import { accept } from '../../domain/result.ts'
import { hexText } from '../../domain/audit-verification.ts'
import { parseDate } from '../../domain/time.ts'
import type { Concern, WrittenEntry } from '../../management/audit-trail.ts'
import { entryLine, exportAuditEntries, listAuditEntries } from '../../management/audit-trail.ts'
import { momentText, parsed } from './schemas/fields.ts'
import type { Listing } from './edge/pages.ts'
import { pageDocument, pageOf, pageQuery, startFrom } from './edge/pages.ts'
import type { ApiPorts } from './ports.ts'
import type { ApiRoute } from './route.ts'
import { route } from './route.ts'

const tag = 'Audit'

const writtenEntry = z
  .looseObject({
    sequence: z.int(),
    chain: z.string(),
    at: momentText,
    kind: z.string().openapi({ example: 'service_account.created' }),
    actor: z.looseObject({ type: z.string(), id: z.string(), name: z.string() }),
    target: z.looseObject({ type: z.string(), id: z.string() }),
    trace_id: z.string(),
    network: z.string().optional(),
  })
  .openapi('WrittenAuditEntry', {
    description:
      'As it was written and hashed; `before` and `after` hold what differs, without secrets.',
  })

const auditEntrySchema = z
  .strictObject({
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .openapi({ description: 'SHA-256 of the hash of the entry before and of this entry.' }),
    entry: writtenEntry
      .nullable()
      .openapi({ description: '`null` if it was damaged: `countersign audit verify` says how.' }),
  })
  .openapi('AuditEntry')

const idFilter = z
  .string()
  .regex(/^[\x21-\x7e]{1,100}$/)
  .optional()
const moment = parsed(momentText, parseDate, 'a date and time from 1970 to 9999')

const filters = {
  actor_id: idFilter.openapi({ description: 'Only what this one did.' }),
  target_id: idFilter.openapi({ description: 'Only what was done to this.' }),
  kind: z
    .string()
    .regex(/^[a-z_]{1,50}\.[a-z_]{1,50}$/)
    .optional()
    .openapi({ description: 'Only entries of this kind.', example: 'binding.created' }),
  from: moment.optional().openapi({ description: 'Only from this moment on.' }),
  to: moment.optional().openapi({ description: 'Only before this moment.' }),
}
const query = z.strictObject({ ...pageQuery, ...filters })
const linesQuery = z.strictObject(filters)

/** An export holds no more at a time than the longest page. */
const linesAtATime = 100

const asLines =
  'As `application/jsonl` all of them are answered at once, a line each, as `countersign audit export` prints them: without `limit` and `cursor`, up to where the chain ends when the answer begins. An answer that breaks off is not whole. At most four of a chain are open at a time; `exports_too_many` says when to come again.'

const shared = {
  method: 'get',
  tag,
  query,
  status: 200,
  answer: pageOf(auditEntrySchema),
  refusals: [],
} as const

const list = route({
  ...shared,
  operationId: 'listAuditEntries',
  path: '/organizations/{organization_id}/audit-entries',
  needs: 'permission',
  summary: 'List what was done in an organization',
  description: `The oldest first, as they follow one another in the chain.\n\n${asLines}`,
  handle: async (call) => pageOfChain(call, call.params.organization_id),
  lines: { query: linesQuery, read: (call) => linesOfChain(call, call.params.organization_id) },
})

const listOfServer = route({
  ...shared,
  operationId: 'listServerAuditEntries',
  path: '/audit-entries',
  needs: 'operator',
  summary: 'List what was done to the server as a whole',
  description: `Its signing keys, its organizations, its operators; the oldest first.\n\n${asLines}`,
  handle: async (call) => pageOfChain(call, 'server'),
  lines: { query: linesQuery, read: (call) => linesOfChain(call, 'server') },
})

export const auditEntryRoutes: readonly ApiRoute[] = [list, listOfServer]

type Asked = {
  readonly ports: ApiPorts
  readonly query: z.output<typeof linesQuery>
}

async function pageOfChain(
  call: Asked & Listing & { readonly query: { readonly limit: number } },
  chain: Concern,
) {
  const start = startFrom(call, parseSequence)
  if (!start.ok) return start
  const asked = { start: start.value, limit: call.query.limit, ...filterIn(call.query) }
  const { items, next } = await listAuditEntries(call.ports, chain, asked)
  const page = { items, next: next === undefined ? undefined : String(next) }
  return accept({ body: pageDocument(call, page, entryDocument) })
}

async function* linesOfChain({ ports, query: given }: Asked, chain: Concern) {
  const pages = exportAuditEntries(ports, chain, filterIn(given), linesAtATime)
  for await (const entries of pages) yield entries.map((entry) => `${entryLine(entry)}\n`).join('')
}

function filterIn({ actor_id: actor, target_id: target, kind, from, to }: Asked['query']) {
  return { actor, target, kind, from, to }
}

/** A place in a list that is in the order of a number. */
export function parseSequence(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function entryDocument({ entry, hash }: WrittenEntry): z.input<typeof auditEntrySchema> {
  return { hash: hexText(hash), entry: readEntry(entry) }
}

/** One damaged entry must not hide the others. */
function readEntry(bytes: Uint8Array): z.input<typeof writtenEntry> | null {
  try {
    const read = writtenEntry.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
    return read.success ? read.data : null
  } catch {
    return null
  }
}

import { z } from '@hono/zod-openapi'
import { accept } from '../../domain/result.ts'
import { hexText } from '../../domain/audit-verification.ts'
import type { NumericDate } from '../../domain/time.ts'
import { parseDate } from '../../domain/time.ts'
import type { Concern, WrittenEntry } from '../../management/audit-trail.ts'
import { listAuditEntries } from '../../management/audit-trail.ts'
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

const query = z.strictObject({
  ...pageQuery,
  actor_id: idFilter.openapi({ description: 'Only what this one did.' }),
  target_id: idFilter.openapi({ description: 'Only what was done to this.' }),
  kind: z
    .string()
    .regex(/^[a-z_]{1,50}\.[a-z_]{1,50}$/)
    .optional()
    .openapi({ description: 'Only entries of this kind.', example: 'binding.created' }),
  from: moment.optional().openapi({ description: 'Only from this moment on.' }),
  to: moment.optional().openapi({ description: 'Only before this moment.' }),
})

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
  description: 'The oldest first, as they follow one another in the chain.',
  handle: async (call) => pageOfChain(call, call.params.organization_id),
})

const listOfServer = route({
  ...shared,
  operationId: 'listServerAuditEntries',
  path: '/audit-entries',
  needs: 'operator',
  summary: 'List what was done to the server as a whole',
  description: 'Its signing keys, its organizations, its operators; the oldest first.',
  handle: async (call) => pageOfChain(call, 'server'),
})

export const auditEntryRoutes: readonly ApiRoute[] = [list, listOfServer]

type Asked = Listing & {
  readonly ports: ApiPorts
  readonly query: {
    readonly limit: number
    readonly actor_id?: string | undefined
    readonly target_id?: string | undefined
    readonly kind?: string | undefined
    readonly from?: NumericDate | undefined
    readonly to?: NumericDate | undefined
  }
}

async function pageOfChain(call: Asked, chain: Concern) {
  const start = startFrom(call, parseSequence)
  if (!start.ok) return start
  const { limit, actor_id: actor, target_id: target, kind, from, to } = call.query
  const asked = { start: start.value, limit, actor, target, kind, from, to }
  const { items, next } = await listAuditEntries(call.ports, chain, asked)
  const page = { items, next: next === undefined ? undefined : String(next) }
  return accept({ body: pageDocument(call, page, entryDocument) })
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

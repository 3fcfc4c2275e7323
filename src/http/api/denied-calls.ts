import { z } from '@hono/zod-openapi'
import type { OrganizationId } from '../../domain/id.ts'
import { accept } from '../../domain/result.ts'
import { isoText } from '../../domain/time.ts'
import type { KeptDeniedCall } from '../../management/denied-calls.ts'
import { listDeniedCalls } from '../../management/denied-calls.ts'
import { parseSequence } from './audit-entries.ts'
import { momentText } from './schemas/fields.ts'
import type { Listing } from './edge/pages.ts'
import { pageDocument, pageOf, pageQuery, startFrom } from './edge/pages.ts'
import type { ApiPorts } from './ports.ts'
import type { ApiRoute } from './route.ts'
import { route } from './route.ts'

const deniedCallSchema = z
  .strictObject({
    at: momentText,
    operation: z.string().openapi({ example: 'removeRole' }),
    reason: z
      .string()
      .openapi({ description: 'The exact reason, which the caller may not have been told.' }),
    organization_id: z
      .string()
      .nullable()
      .openapi({ description: 'The organization that the call named.' }),
    actor: z.strictObject({ type: z.string(), id: z.string(), name: z.string() }),
    client_id: z
      .string()
      .nullable()
      .openapi({ description: 'The client whose token it was made with.' }),
    trace_id: z.string(),
    network: z.string(),
  })
  .openapi('DeniedCall')

const shared = {
  method: 'get',
  tag: 'Audit',
  query: z.strictObject(pageQuery),
  status: 200,
  answer: pageOf(deniedCallSchema),
  refusals: [],
} as const

const kept =
  'The newest first. The newest 1,000 are kept, for 90 days; one is there some seconds after it was denied.'

const list = route({
  ...shared,
  operationId: 'listDeniedCalls',
  path: '/organizations/{organization_id}/denied-calls',
  needs: 'permission',
  summary: 'List denied calls by members and accounts of an organization',
  description: kept,
  handle: async (call) => pageOfCalls(call, call.params.organization_id),
})

const listOfPersons = route({
  ...shared,
  operationId: 'listPersonsDeniedCalls',
  path: '/denied-calls',
  needs: 'operator',
  summary: 'List denied calls by persons outside of their organizations',
  description: kept,
  handle: async (call) => pageOfCalls(call, undefined),
})

export const deniedCallRoutes: readonly ApiRoute[] = [list, listOfPersons]

type Asked = Listing & { readonly ports: ApiPorts; readonly query: { readonly limit: number } }

async function pageOfCalls(call: Asked, organization: OrganizationId | undefined) {
  const start = startFrom(call, parseSequence)
  if (!start.ok) return start
  const asked = { start: start.value, limit: call.query.limit }
  const { items, next } = await listDeniedCalls(call.ports, organization, asked)
  const page = { items, next: next === undefined ? undefined : String(next) }
  return accept({ body: pageDocument(call, page, deniedCallDocument) })
}

function deniedCallDocument(call: KeptDeniedCall): z.input<typeof deniedCallSchema> {
  return {
    at: isoText(call.at),
    operation: call.operation,
    reason: call.reason,
    organization_id: call.target ?? null,
    actor: call.actor,
    client_id: call.client ?? null,
    trace_id: call.traceId,
    network: call.network,
  }
}

import { z } from '@hono/zod-openapi'
import { accept } from '../../domain/result.ts'
import { isoText } from '../../domain/time.ts'
import type { TokenRefusals } from '../../management/token-refusals.ts'
import { findRefusals, listRefusals } from '../../management/token-refusals.ts'
import { momentText } from './schemas/fields.ts'
import { pageOf } from './edge/pages.ts'
import type { ApiRoute } from './route.ts'
import { route } from './route.ts'

const tag = 'Audit'

const tokenRefusalsSchema = z
  .strictObject({
    client_id: z
      .string()
      .nullable()
      .openapi({ description: '`null` of callers that named no client there is.' }),
    reason: z.string().openapi({ example: 'credential_mismatch' }),
    network: z.string().openapi({ example: '192.0.2.7' }),
    count: z.int(),
    first_at: momentText,
    last_at: momentText,
    named: z
      .string()
      .nullable()
      .openapi({ description: 'What the last one named, if there is no such client.' }),
    facts: z.string().nullable().openapi({ description: 'JSON: what the last one was about.' }),
    user_agent: z.string().nullable(),
    trace_ids: z.array(z.string()).openapi({ description: 'Of the latest, the last one first.' }),
  })
  .openapi('TokenRefusals')

const list = route({
  operationId: 'listRefusals',
  method: 'get',
  path: '/organizations/{organization_id}/service-accounts/{service_account_id}/refusals',
  needs: 'permission',
  tag,
  summary: 'List why a service account was refused tokens lately',
  description:
    'The newest twenty reasons and networks of the last two weeks, counted; some seconds after it happened.',
  status: 200,
  answer: pageOf(tokenRefusalsSchema),
  refusals: ['service_account_unknown'],
  handle: async ({ ports, params }) => {
    const { organization_id: organization, service_account_id: account } = params
    const found = await listRefusals(ports, { organization, account })
    return found.ok ? accept({ body: listOf(found.value) }) : found
  },
})

const find = route({
  operationId: 'findRefusals',
  method: 'get',
  path: '/refusals',
  needs: 'operator',
  tag,
  summary: 'Find why a token request was refused, by its trace id',
  description: 'The answer to every request has that in its header `trace-id`.',
  query: z.strictObject({
    trace_id: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .openapi({ example: '4bf92f3577b34da6a3ce929d0e0e4736' }),
  }),
  status: 200,
  answer: pageOf(tokenRefusalsSchema),
  refusals: [],
  handle: async ({ ports, query }) =>
    accept({ body: listOf(await findRefusals(ports, query.trace_id)) }),
})

export const tokenRefusalRoutes: readonly ApiRoute[] = [list, find]

function listOf(all: readonly TokenRefusals[]) {
  return { items: all.map(refusalsDocument), next_cursor: null }
}

function refusalsDocument(one: TokenRefusals): z.input<typeof tokenRefusalsSchema> {
  return {
    client_id: one.client ?? null,
    reason: one.reason,
    network: one.network,
    count: one.count,
    first_at: isoText(one.firstAt),
    last_at: isoText(one.lastAt),
    named: one.named ?? null,
    facts: one.facts ?? null,
    user_agent: one.userAgent ?? null,
    trace_ids: [...one.traceIds],
  }
}

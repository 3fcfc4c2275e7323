import { z } from '@hono/zod-openapi'
import { accept } from '../../domain/result.ts'
import { addOperator, listOperators, removeOperator } from '../../management/operators.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import { personDocument, personSchema } from './schemas/people-fields.ts'
import type { ApiRoute } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Operators'
const item = '/operators/{person_id}'

const list = route({
  operationId: 'listOperators',
  method: 'get',
  path: '/operators',
  needs: 'operator',
  tag,
  summary: 'List operators',
  query: z.strictObject(pageQuery),
  status: 200,
  answer: pageOf(personSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('person', call)
    if (!asked.ok) return asked
    const page = await listOperators(call.ports, call.act, asked.value)
    return page.ok ? accept({ body: pageDocument(call, page.value, personDocument) }) : page
  },
})

const add = route({
  operationId: 'addOperator',
  method: 'put',
  path: item,
  needs: 'operator',
  tag,
  summary: 'Make a person an operator',
  status: 200,
  answer: personSchema,
  refusals: ['person_unknown'],
  handle: async ({ ports, act, params }) => {
    const outcome = await addOperator(ports, act, params.person_id)
    return outcome.ok ? accept({ body: personDocument(outcome.value) }) : outcome
  },
})

const remove = route({
  operationId: 'removeOperator',
  method: 'delete',
  path: item,
  needs: 'operator',
  tag,
  summary: 'Let a person be no operator any more',
  description: 'Their sessions end. The last operator stays.',
  status: 204,
  answer: nothing,
  refusals: ['operator_unknown', 'last_operator'],
  handle: async ({ ports, act, params }) => {
    const outcome = await removeOperator(ports, act, params.person_id)
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const operatorRoutes: readonly ApiRoute[] = [list, add, remove]

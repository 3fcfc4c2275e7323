import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../../src/http/api/openapi/openapi.ts'
import { apiRoutes } from '../../../src/http/api/routes.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()

/** The document, and what it says of the refusals of an operation with a status. */
function written() {
  const document = openApiDocument(apiRoutes, 'https://id.example.com')
  const refusal = (operation: Operation | undefined, status: string) => {
    const name = String(operation?.responses?.[status]?.$ref).replace('#/components/responses/', '')
    return JSON.stringify(document.components?.responses?.[name])
  }
  return { ...document, refusal, size: JSON.stringify(document).length }
}

type Operation = {
  readonly responses?: Readonly<Record<string, { readonly $ref?: string }>> | undefined
}

describe('GET /api/v1/openapi.json', () => {
  it('is written from the routes, and open to everybody', async () => {
    const url = `${api().issuer}/api/v1/openapi.json`
    const response = await fetch(url)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/json',
    ])
    const document = await response.json()
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(apiRoutes, api().issuer))))
    expect(document).toMatchObject({
      openapi: '3.1.0',
      servers: [{ url: `${api().issuer}/api/v1` }],
    })
    const known = { 'if-none-match': response.headers.get('etag') ?? '' }
    expect((await fetch(url, { headers: known })).status).toBe(304)
  })

  it('has each route once, with who may call it and how it is refused', () => {
    const { paths = {} } = openApiDocument(apiRoutes, 'https://id.example.com')
    const operations = Object.values(paths).flatMap((path) => Object.values(path ?? {}))
    const names = operations.map(({ operationId }) => operationId)
    expect(new Set(names)).toEqual(new Set(apiRoutes.map(({ operationId }) => operationId)))
    expect(names).toHaveLength(apiRoutes.length)
  })

  it('says that a bad token is refused even where none is needed, and an old session is not', () => {
    const { paths = {}, refusal } = written()
    const refused = refusal(paths['/invitations/look']?.post, '401')
    expect(refused).toContain('"token_invalid"')
    expect(refused).not.toContain('"session_invalid"')
  })

  it('says of a route who may call it, and how it is refused', () => {
    const { paths = {}, refusal } = written()
    const create = paths['/organizations/{organization_id}/service-accounts']?.post
    const responses = create?.responses ?? {}
    expect(create?.security).toEqual([{ token: [] }, { session: [] }])
    expect(create?.['x-permission']).toBe('service-accounts:manage')
    expect(Object.keys(responses)).toEqual([
      '201',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '422',
      '500',
      '503',
    ])
    expect(refusal(create, '422')).toContain('"role_unknown"')
    expect(refusal(create, '404')).not.toContain('"role_unknown"')
    expect(create?.parameters).toEqual([
      { $ref: '#/components/parameters/organization_id' },
      { $ref: '#/components/parameters/Idempotency-Key' },
      { $ref: '#/components/parameters/X-CSRF-Token' },
    ])
  })

  it('promises a location and the need of a session where they come, and nowhere else', () => {
    const { paths = {}, refusal } = written()
    const operations = Object.values(paths).flatMap((path) => Object.values(path ?? {}))
    const nowhere = operations.filter(({ responses }) => {
      const made = responses?.['201']
      return made !== undefined && !JSON.stringify(made).includes('headers/location')
    })
    expect(new Set(nowhere.map(({ operationId }) => operationId))).toEqual(
      new Set(['acceptInvitation', 'beginTotp', 'createRecoveryLink', 'setUp', 'signIn']),
    )
    const personal = operations.filter(
      (operation) =>
        operation['x-permission'] !== undefined &&
        refusal(operation, '403').includes('"session_needed"'),
    )
    expect(new Set(personal.map(({ operationId }) => operationId))).toEqual(
      new Set([
        'changeCredential',
        'createCredential',
        'createInvitation',
        'createRecoveryLink',
        'replaceCredential',
      ]),
    )
  })

  it('says once what many routes refuse, so that it stays small', () => {
    const { paths = {}, components, size } = written()
    const operations = Object.values(paths).flatMap((path) => Object.values(path ?? {}))
    const refused = operations.flatMap(({ responses = {} }) =>
      Object.entries(responses).flatMap(([status, response]) =>
        Number(status) < 400 ? [] : [[status, response] as const],
      ),
    )
    expect(refused.length).toBeGreaterThan(apiRoutes.length * 4)
    for (const [status, response] of refused) {
      const [, name = ''] =
        /^\{"\$ref":"#\/components\/responses\/(.+)"\}$/.exec(JSON.stringify(response)) ?? []
      expect(name.split('-')[0]).toBe(status)
      expect(components?.responses?.[name]).toMatchObject({
        content: { 'application/problem+json': { schema: expect.anything() } },
      })
    }
    expect(size).toBeLessThan(apiRoutes.length * 3000)
  })

  it('has names for its operations that are names once only', () => {
    const names = apiRoutes.map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
  })
})

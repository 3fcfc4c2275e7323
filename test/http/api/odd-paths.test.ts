import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { useApi } from '../../support/api.ts'

const api = useApi()

/** Asks for a path as it is written: `fetch` would tidy it up first. */
async function asked(path: string, method = 'GET') {
  return new Promise<{ readonly status: number; readonly headers: object; readonly text: string }>(
    (resolve, reject) => {
      const asking = request(api().issuer, { path, method }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => void (text += part))
        answer.once('end', () => {
          const { statusCode: status = 0, headers } = answer
          resolve({ status, headers, text })
        })
      })
      asking.once('error', reject).end()
    },
  )
}

describe('a path of the management API', () => {
  it.each([
    '/api',
    '/api/',
    '/api?a',
    '/api/v1',
    '/api/v1/',
    '/api/v2/me',
    '/api/v1/nowhere',
    '/api/v1/me/',
    '/api/v1//me',
    '/api/v1/organizations/',
    '/api/v1/organizations%2Fx',
    '/api/v1/%6de',
    '/api/v1/%',
    '/api/v1/%00',
    '/api/v1/./me',
    '/api/v1/../v1/me',
    '/api/..',
    '/api/v1/me#part',
    '/api/v1/org@nizations',
    `/api/v1/${'x'.repeat(8000)}`,
    `/api/v1/organizations/${'x'.repeat(8000)}/groups/${'/'.repeat(2000)}`,
  ])('that is none is answered like one: %.40s', async (path) => {
    const { status, headers, text } = await asked(path)
    expect([status, headers]).toMatchObject([
      404,
      { 'content-type': 'application/problem+json', 'x-content-type-options': 'nosniff' },
    ])
    const problem = JSON.parse(text)
    expect(problem).toMatchObject({
      type: `${api().issuer}/api/v1/docs#problem-path_unknown`,
      code: 'path_unknown',
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(headers).toMatchObject({ 'trace-id': problem.trace_id })
  })

  it.each(['//api/v1/me', '/apis', '/%61pi/v1/me', '/x/../api/v1/me'])(
    'is not one that only looks like it: %s',
    async (path) => {
      const { status, headers } = await asked(path)
      expect([status, headers]).toMatchObject([404, { 'content-type': 'application/json' }])
    },
  )

  it.each([
    ['PROPFIND', '/api/v1/me', 'GET, HEAD, OPTIONS'],
    ['POST', '/api/v1/me', 'GET, HEAD, OPTIONS'],
    ['PUT', '/api/v1/organizations', 'GET, POST, HEAD, OPTIONS'],
    ['DELETE', '/api/v1/openapi.json', 'GET, HEAD, OPTIONS'],
    ['SEARCH', '/api/v1/setup', 'POST, OPTIONS'],
  ])('does not know %s: %s', async (method, path, allow) => {
    const { status, headers, text } = await asked(path, method)
    expect([status, headers]).toMatchObject([405, { allow }])
    expect(JSON.parse(text)).toMatchObject({
      code: 'method_not_allowed',
      allowed: allow.split(', '),
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  it('is not asked by a method that there is not', async () => {
    const { status, text } = await asked('/api/v1/nowhere', 'PROPFIND')
    expect([status, JSON.parse(text).code]).toEqual([404, 'path_unknown'])
  })

  it('says by OPTIONS what it knows', async () => {
    const { status, headers, text } = await asked('/api/v1/organizations', 'OPTIONS')
    expect([status, headers, text]).toMatchObject([204, { allow: 'GET, POST, HEAD, OPTIONS' }, ''])
  })
})

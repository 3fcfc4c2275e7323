import { describe, expect, it } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { seconds } from '../../src/domain/time.ts'
import { openEdge } from './edge.ts'

const traceId = 'ab'.repeat(16)
const overload = { mustShed: () => true }
const issuer = 'https://example.com/id'

describe('the management API without its rooms', () => {
  it('sheds calls as it refuses them itself', async () => {
    const { url } = await openEdge({}, { overload, issuer })
    const call = { method: 'POST', body: '{}' }
    for (const path of ['/id/api/v1/me', '/id/api', '/id/api?a', '/id/api/v1/%6de']) {
      const answer = await fetch(`${url}${path}`, call)
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'retry-after': expect.stringMatching(/^[123]$/),
        'trace-id': traceId,
      })
      expect([answer.status, await answer.json()]).toEqual([
        503,
        {
          type: `${issuer}/api/v1/docs#problem-temporarily_unavailable`,
          title: expect.any(String),
          status: 503,
          detail: expect.any(String),
          code: 'temporarily_unavailable',
          trace_id: traceId,
          retry_after: Number(answer.headers.get('retry-after')),
        },
      ])
    }
    for (const path of ['/api/v1/me', '/id/apiary', '/id/oauth2/token']) {
      const answer = await fetch(`${url}${path}`, call)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/json'])
    }
  })

  it.each([
    [new Error('a module is gone'), 500, 'server_error', null],
    [new Unavailable('the database is away', seconds(7)), 503, 'temporarily_unavailable', '7'],
  ])('tells of a fault as it does: %s', async (fault, status, code, retryAfter) => {
    const loadApi = async () => {
      throw fault
    }
    const { url } = await openEdge({ loadApi }, { issuer })
    const answer = await fetch(`${url}/id/api/v1/me`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ code, trace_id: traceId })
  })
})

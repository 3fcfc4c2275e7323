import { describe, expect, it } from 'vitest'
import { managementApi } from '../../../src/domain/management-permission.ts'
import { problemOf } from '../../../src/http/api/problems/problem.ts'
import { permission } from '../../management/desk.ts'

describe('a problem document', () => {
  it('names the management API as requests do, not as it is stored', () => {
    const { audience } = managementApi
    const refusal = {
      reason: 'permission_not_held',
      permission: permission('roles:read'),
      audience,
    }
    const issuer = 'https://id.example.com/tenant'
    const problem = problemOf(refusal as Parameters<typeof problemOf>[0], { issuer, traceId: 'a' })
    expect(problem).toMatchObject({
      audience: `${issuer}/api`,
      detail: expect.stringContaining(`of ${issuer}/api on the whole organization`),
    })
  })
})

import { describe, expect, it } from 'vitest'
import { isoText } from '../../../src/domain/time.ts'
import { createApplicationKey } from '../../../src/management/application-keys.ts'
import { accepted, description } from '../../management/desk.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()

describe('the removal preview of a member', () => {
  it('tells which keys and how many sessions would end', async () => {
    const owner = await api().owned()
    const { id: member, organization } = await api().member(owner.organization, ['Viewer'])
    const desk = api().desk()
    const input = { organization, member, description: description('the laptop of Ada') }
    const { key } = accepted(await createApplicationKey(desk, desk.act, input))
    const path = `/organizations/${organization}/principals/${member}/removal-preview`
    const { status, body } = await owner.call('GET', path)
    expect([status, body.sessions]).toEqual([200, 1])
    // What a member calls a key, and what it is recognised by, only they see.
    expect(body.application_keys).toEqual([
      { id: key.id, enabled: true, expires_at: null, created_at: isoText(key.createdAt) },
    ])
  })
})

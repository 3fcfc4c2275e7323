import { describe, expect, it } from 'vitest'
import type { SignedInMember } from '../../support/api.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()

const groupsOf = ({ organization }: SignedInMember) => `/organizations/${organization}/groups`

describe('a condition that is not looked at', () => {
  it('keeps a member from being removed whatever it says: If-Match, without a version', async () => {
    const owner = await api().owned()
    const { id } = await api().member(owner.organization)
    const path = `/organizations/${owner.organization}/members/${id}`
    for (const condition of ['"7"', '*', 'W/"1"', 'no tag']) {
      const { status, body } = await owner.call('DELETE', path, undefined, {
        'if-match': condition,
      })
      expect([status, body.code, body.places]).toEqual([
        400,
        'request_malformed',
        [{ in: 'header', at: 'If-Match', problem: 'what is changed here has no version' }],
      ])
    }
    expect((await owner.call('GET', path)).status).toBe(200)
    expect((await owner.call('DELETE', path)).status).toBe(204)
  })

  it.each([
    ['If-None-Match', '*'],
    ['If-Modified-Since', 'Sat, 01 Jan 2000 00:00:00 GMT'],
    ['If-Unmodified-Since', 'Sat, 01 Jan 2000 00:00:00 GMT'],
  ])('keeps everything from being made, changed and removed: %s', async (at, condition) => {
    const owner = await api().owned()
    const { body: group } = await owner.call('POST', groupsOf(owner), { name: 'a' })
    const item = `${groupsOf(owner)}/${group.id}`
    const headers = { [at]: condition }
    for (const asked of [
      owner.call('POST', groupsOf(owner), { name: 'b' }, headers),
      owner.call('PUT', item, { name: 'b' }, headers),
      owner.call('PATCH', item, { name: 'b' }, headers),
      owner.call('DELETE', item, undefined, headers),
    ]) {
      const { status, body } = await asked
      expect([status, body.places]).toMatchObject([400, [{ in: 'header', at }]])
    }
    expect((await owner.call('GET', groupsOf(owner), undefined, headers)).body.items).toEqual([
      group,
    ])
  })
})

import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { knownServers } from '../../src/storage/server-mark.ts'

function refusal(code: string): Error {
  return Object.assign(new pg.DatabaseError('no', 0, 'error'), { code, severity: 'ERROR' })
}

describe('the servers that a process was led to', () => {
  it('are believed unless one is a standby, or one that another has replaced', () => {
    const servers = knownServers()
    expect(servers.whyRefused({ epoch: 'one', timeline: 1 })).toBeUndefined()
    expect(servers.whyRefused({ epoch: 'one', timeline: null })).toMatch(/standby/)
    servers.saw({ epoch: 'one', timeline: 2 })
    expect(servers.whyRefused({ epoch: 'one', timeline: 1 })).toMatch(/replaced/)
    expect(servers.whyRefused({ epoch: 'one', timeline: 2 })).toBeUndefined()
    // Another log: what the numbers of its timelines were before says nothing.
    expect(servers.whyRefused({ epoch: 'two', timeline: 1 })).toBeUndefined()
  })

  it('are asked for less where the engine lacks what PostgreSQL can tell', () => {
    const servers = knownServers()
    expect(servers.timelineSql()).toContain('pg_walfile_name')
    expect(servers.askLess(refusal('57014'))).toBe(false)
    expect(servers.askLess(refusal('42883'))).toBe(true)
    expect(servers.timelineSql()).toContain('pg_is_in_recovery')
    expect(servers.timelineSql()).not.toContain('pg_walfile_name')
    expect(servers.askLess(refusal('0A000'))).toBe(true)
    expect(servers.timelineSql()).toBe('0')
    expect(servers.askLess(refusal('42883'))).toBe(false)
  })
})

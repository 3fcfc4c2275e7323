import { describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import { createTestDatabase, onPostgres } from '../support/database.ts'
import { heard, wordsOf } from './terminal.ts'

describe.runIf(onPostgres)('setup-link', () => {
  it('prints the way in for the first operator, and needs to know where it leads', async () => {
    const database = await createTestDatabase()
    onTestFinished(database.drop)
    const say = async (line: string, env: Readonly<Record<string, string>> = {}) => {
      const { io, said } = heard({ DATABASE_URL: database.url, ...env })
      return said(await run(wordsOf(line), io))
    }
    const issuer = { ISSUER: 'https://id.example.com' }
    const link = /^https:\/\/id\.example\.com\/console\/setup#cln_\w{49}$/
    const asked = await say('setup-link', issuer)
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    expect(asked.stdout.split('\n')[0]).toMatch(link)
    const { stdout } = await say('setup-link --json', issuer)
    expect(JSON.parse(stdout)).toEqual({
      link: expect.stringMatching(link),
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
    const unknown = await say('recovery-link nobody@example.com', issuer)
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    const nowhere = await say('setup-link')
    expect(nowhere).toMatchObject({ code: 2, stdout: '' })
    expect(nowhere.stderr).toContain('ISSUER')
  })
})

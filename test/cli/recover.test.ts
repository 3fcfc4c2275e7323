import { describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import { createTestDatabase, onPostgres } from '../support/database.ts'
import { heard, wordsOf } from './terminal.ts'

describe.runIf(onPostgres)('recover', () => {
  it('says what it means, and does it when it is told to', async () => {
    const database = await createTestDatabase()
    onTestFinished(database.drop)
    const say = async (line: string, answer?: string) => {
      const { io, said } = heard({ DATABASE_URL: database.url }, answer)
      return said(await run(wordsOf(line), io))
    }
    const asked = await say('recover')
    expect(asked).toMatchObject({ code: 1, stdout: '' })
    expect(asked.stderr).toMatch(/there was none.*in force again.*\n.*--yes/s)
    expect(await say('recover', 'n')).toMatchObject({ code: 1, stdout: '' })

    const done = await say('recover --yes --json')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(done.stdout)).toEqual({
      epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
      last_change_at: null,
    })
    const again = await say('recover', 'y')
    expect(again.code).toBe(0)
    expect(again.stderr).toMatch(/of \d{4}-\d\d-\d\dT/)
    expect((await say('recover --yes')).stdout).toMatch(
      /^The last change that this database knows is of \d{4}-\d\d-\d\dT\S+Z\.\nThe change log has/,
    )
  })
})

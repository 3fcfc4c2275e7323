import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import type { Io } from '../../src/cli/io.ts'
import { devFolder, openDevFolder } from '../../src/cli/embedded.ts'
import { random } from '../../src/crypto/random.ts'
import { systemClock } from '../../src/house.ts'
import { peoplePorts } from '../../src/house/people-ports.ts'
import { setUp } from '../../src/management/setup.ts'
import { accepted, name } from '../management/desk.ts'
import { email, password, tokenOf } from '../management/people.ts'
import { freePort } from '../support/processes.ts'
import { heard, wordsOf } from './terminal.ts'

const file = join(devFolder, 'demo.json')

describe('dev', () => {
  const before = process.cwd()
  let folder = ''
  let env: Readonly<Record<string, string>> = {}
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-dev-'))
    process.chdir(folder)
    env = { PORT: String(await freePort()), LOG_LEVEL: 'silent' }
  })
  afterAll(async () => {
    process.chdir(before)
    await rm(folder, { recursive: true })
  })

  /** Starts, says what it has to say, and ends at once. */
  async function start(line: string) {
    const { io, said } = heard(env)
    return said(await run(wordsOf(line), { ...io, ended: AbortSignal.abort() }))
  }

  async function answered(line: string) {
    const { code, stdout, stderr } = await start(line)
    expect([code, stderr]).toEqual([0, ''])
    return JSON.parse(stdout)
  }

  const offered = async () => (await answered('dev --json')).setup_link

  it('makes a demo at its first start, keeps it, and makes its secrets anew when asked', async () => {
    const first = await answered('dev --json')
    expect(first.client_secret).toMatch(/^csk_/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)

    const second = await answered('dev --json')
    expect(second).toMatchObject({ client_id: first.client_id, client_secret: null })

    const third = await answered('dev --json --new-secret')
    expect(third).toMatchObject({ client_id: first.client_id })
    expect(third.client_secret).toMatch(/^csk_/)
    expect(third.client_secret).not.toBe(first.client_secret)
  })

  it('prints a new way in for the first operator, until there is one', async () => {
    const first = await offered()
    const second = await offered()
    expect(first).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/console\/setup#cln_[0-9A-Za-z]{49}$/)
    expect(second).not.toBe(first)
    await makeOperator(second)
    expect(await offered()).toBeNull()
  })

  it('leaves what it is called to the commands beside it, unless ISSUER says otherwise', async () => {
    const { issuer } = await answered('dev --json')
    expect(issuer).toBe(`http://127.0.0.1:${env['PORT']}`)
    expect(await linked({})).toMatch(new RegExp(`^${issuer}/console/recovery#`))
    const other = 'https://id.example.com'
    expect(await linked({ ISSUER: other })).toMatch(/^https:\/\/id\.example\.com\/console\//)
  })

  it('says what to do when it cannot read what it remembers of the demo', async () => {
    const whole = await readFile(file, 'utf8')
    for (const text of ['', whole.slice(0, 40), '{}', whole.replace('"terraform"', '"other"')]) {
      await writeFile(file, text)
      expect(await start('dev')).toEqual({
        code: 1,
        stdout: '',
        stderr: `countersign: ${file} cannot be read: remove ./${devFolder} to start anew\n`,
      })
    }
  })

  it('says what to do when its first start was cut short', async () => {
    await rm(file)
    expect(await start('dev')).toEqual({
      code: 1,
      stdout: '',
      stderr: `countersign: the first start was cut short, and its "Demo" is not whole: remove ./${devFolder} to start anew\n`,
    })
    const { stderr } = await start('dev --json')
    expect(JSON.parse(stderr)).toMatchObject({ error: { reason: 'demo_unusable' } })
  })
})

/** A link that a command beside the database makes. */
async function linked(issuer: Io['env']) {
  const { io, said } = heard(issuer)
  const line = 'member recovery-link ada@example.com --json'
  return JSON.parse(said(await run(wordsOf(line), io)).stdout).link
}

/** Somebody comes in by the link of the last start, and looks after the demo. */
async function makeOperator(link: string) {
  const opened = await openDevFolder(devFolder)
  if (!opened.ok) throw new Error('the folder is held')
  const { db, keyEncryptionKeys, close } = opened.value
  try {
    const ports = {
      db,
      random: random(systemClock),
      ...peoplePorts(keyEncryptionKeys, systemClock),
    }
    const circumstances = { at: systemClock.now(), traceId: '0'.repeat(32), network: '127.0.0.1' }
    const input = {
      token: tokenOf({ link }),
      email: email('ada@example.com'),
      name: name('Ada'),
      password,
      organization: name('Demo'),
    }
    accepted(await setUp(ports, circumstances, input))
  } finally {
    await close()
  }
}

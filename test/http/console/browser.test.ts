import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInvitation } from '../../../src/management/invitations.ts'
import { listMembers } from '../../../src/management/members.ts'
import { createRecoveryLink } from '../../../src/management/recovery.ts'
import { createSetupLink } from '../../../src/management/setup.ts'
import { accepted, newOrganization } from '../../management/desk.ts'
import { builtInRole, email } from '../../management/people.ts'
import { useApi } from '../../support/api.ts'
import type { Browser } from '../../support/browser.ts'
import { chromium, openBrowser } from '../../support/browser.ts'

const found = chromium ?? ''
const where = chromium === undefined ? ' (skipped: there is no chromium here)' : ''
const browserMilliseconds = 60_000

describe.skipIf(found === '')(`somebody with a link and a browser${where}`, () => {
  const api = useApi()
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser(found)
  }, browserMilliseconds)
  afterAll(async () => browser.close())

  const password = 'correct horse battery staple'
  const shown = async (step: string) =>
    browser.until(`document.querySelector('[data-step="${step}"]')?.hidden === false`)
  const text = async (step: string) =>
    String(await browser.read(`document.querySelector('[data-step="${step}"]').innerText`))
  const submit = async (step: string) => browser.click(`[data-step="${step}"] [type="submit"]`)
  const invite = async (to: string) => {
    const desk = api().desk()
    const { id: organization } = await newOrganization(desk)
    const roles = [await builtInRole(desk, organization, 'viewer')]
    const input = { organization, email: email(to), roles, groups: [] }
    return accepted(await createInvitation(desk, desk.act, input))
  }
  /** What the commands on the page come to, for whoever types these lines. */
  const whoSignsIn = async (...typed: readonly string[]): Promise<unknown> => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-sign-in-'))
    const command = String(
      await browser.read(`document.querySelector('[data-text="command"]').textContent`),
    )
    expect(Math.max(...command.split('\n').map(({ length }) => length))).toBeLessThan(46)
    const input = typed.map((line) => `${line}\n`).join('')
    const run = promisify(execFile)('bash', ['-c', command], { cwd: folder })
    run.child.stdin?.end(input)
    const { stdout } = await run
    // The cookie is as good as the password.
    expect((await stat(join(folder, 'countersign.cookies'))).mode & 0o777).toBe(0o600)
    await rm(folder, { recursive: true })
    return JSON.parse(`[${stdout.replaceAll('}{', '},{')}]`).at(-1)
  }
  const fillSetup = async (chosen: string) => {
    await browser.type('#setup-email', 'ada@example.com')
    await browser.type('#setup-name', 'Ada Lovelace')
    await browser.type('#setup-organization_name', 'Analytical Engines')
    await browser.type('#setup-password', chosen)
    await submit('form')
  }

  it(
    'sets the server up, is invited as who they are, and gets a new password',
    async () => {
      await browser.open(`${api().issuer}/console/setup`)
      await shown('missing')

      const desk = api().desk()
      await browser.open(`${api().issuer}/console/setup#${desk.tokens.link()}`)
      await shown('dead')
      expect(await text('dead')).toMatch(/The link opens nothing[^]*countersign setup-link/)
      const { link } = accepted(await createSetupLink(desk, desk.act))
      await browser.open(link)
      await shown('form')
      // Gone from the address and its history before anybody looks over a shoulder.
      expect(await browser.read('location.href')).toBe(`${api().issuer}/console/setup`)
      await submit('form')
      expect(await text('form')).toContain('This is needed.')
      await fillSetup('Password2024!')
      await browser.until(`document.querySelector('[aria-invalid="true"]') !== null`)
      expect(await text('form')).toContain('many people choose')
      await fillSetup(password)
      await shown('done')
      expect(await whoSignsIn(password)).toMatchObject({ name: 'Ada Lovelace' })
      expect(await text('done')).toMatch(/Ada Lovelace[^]*ada@example\.com[^]*Analytical Engines/)

      // Nobody fills in a form to learn that it is for nothing, or is sent for a link they cannot get.
      await browser.open(link)
      await shown('dead')
      expect(await text('dead')).toMatch(/ask them for an invitation[^]*Trace id [0-9a-f]{32}/)
      expect(await text('dead')).not.toContain('setup-link')

      await browser.open((await invite('ada@example.com')).link)
      await shown('sign-in')
      expect(await text('sign-in')).toMatch(/Viewer[^]*sign in to accept/)
      await browser.type('#sign-in-password', 'not the password')
      await submit('sign-in')
      await browser.until(`document.querySelector('.problem strong') !== null`)
      await browser.type('#sign-in-password', password)
      await submit('sign-in')
      await shown('done')

      // The cookie is there by now, and no script can see it.
      expect(await browser.read('document.cookie')).toBe('')
      await browser.open((await invite('ada@example.com')).link)
      await shown('accept')
      await submit('accept')
      await shown('done')
      // Whoever was known may have an authenticator, or not.
      expect(await text('done')).toContain('if you have none, press Enter')
      expect(await whoSignsIn(password, '')).toMatchObject({ name: 'Ada Lovelace' })

      const { invitation, link: open } = await invite('grace@example.com')
      await browser.open(open)
      await shown('new')
      // The time of somebody's own clock is another one elsewhere.
      expect(await text('new')).toMatch(/Good until\s+.*\d:\d\d.*\b(UTC|GMT|[A-Z]{2,5})/)
      await browser.type('#new-name', 'Grace')
      await browser.type('#new-password', password)
      await submit('new')
      await shown('done')
      const { organization } = invitation
      const { items } = await listMembers(desk, organization)
      const grace = items.find(({ name }) => name === 'Grace')
      if (grace === undefined) throw new Error('Grace is no member')
      const place = { organization, member: grace.id }
      await browser.open(accepted(await createRecoveryLink(desk, desk.act, place)).link)
      await shown('form')
      expect(await text('form')).toMatch(/Grace[^]*grace@example\.com[^]*will be signed out/)
      // A password manager saves it for whom it is.
      const username = `document.querySelector('[data-step="form"] [autocomplete="username"]').value`
      expect(await browser.read(username)).toBe('grace@example.com')
      await browser.type('#recovery-password', 'a trombone in the attic')
      await submit('form')
      await shown('done')
      expect(await text('done')).toContain('grace@example.com')

      expect(browser.complaints.filter((each) => !each.startsWith('[DOM]'))).toEqual([])
    },
    browserMilliseconds,
  )
})

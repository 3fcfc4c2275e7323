import { verify } from 'argon2'
import { beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import { parseSecret } from '../../src/domain/secret.ts'
import { heard, useTerminal, wordsOf } from './terminal.ts'

describe('countersign secret', () => {
  const terminal = useTerminal()
  let clientId = ''
  beforeAll(async () => {
    await terminal().json('organization create Acme')
    ;({ client_id: clientId } = await terminal().json('account create ci'))
  })

  it('prints the secret once, and says so [165]', async () => {
    const { code, stdout, stderr } = await terminal().run('secret create ci laptop')
    expect([code, stderr]).toEqual([0, ''])
    const secret = /^ {2}client secret +(\S+)$/m.exec(stdout)?.[1] ?? ''
    expect(stdout).toMatch(/^ {2}export CLIENT_ID=sa_\w+$/m)
    expect(stdout).toContain(`\n  export CLIENT_SECRET=${secret}\n`)
    expect(parseSecret(secret)).toBeDefined()
    expect(stdout).toContain(clientId)
    expect(stdout).toMatch(/^Keep it now: it will not be shown again\.$/m)
    for (const line of [
      'account show ci',
      'account show ci --json',
      'secret list ci',
      'secret list ci --json',
      'secret show ci laptop --json',
    ]) {
      expect((await terminal().run(line)).stdout).not.toContain(secret)
    }
  })

  it('gives a script the secret and what goes with it, and nothing else', async () => {
    const created = await terminal().json('secret create ci github --expires 7d')
    expect(created).toMatchObject({
      id: expect.stringMatching(/^crd_/),
      name: 'github',
      client_id: clientId,
      client_secret: expect.stringMatching(/^csk_/),
      expires_at: '2030-01-08T00:00:00Z',
    })
    const handle = parseSecret(created.client_secret)?.handle
    const { items } = await terminal().json('secret list ci')
    expect(items).toMatchObject([{ name: 'laptop' }, { id: created.id, handle, enabled: true }])
  })

  it('finds a secret of an account by its id or its name', async () => {
    const byName = await terminal().json('secret show ci github')
    expect(await terminal().json(`secret show ci ${byName.id}`)).toEqual(byName)
    const alone = await terminal().run('secret show github')
    expect([alone.code, alone.stderr]).toEqual([
      2,
      'countersign: <secret> must be given\nTry countersign secret show --help\n',
    ])
    const nothing = await terminal().run('secret show ci phone')
    expect([nothing.code, nothing.stderr]).toEqual([1, 'countersign: there is no secret "phone"\n'])
    const { stdout } = await terminal().run(`secret show ci ${byName.id}`)
    expect(stdout).toContain(`csk_${byName.handle}_`)
  })

  it('changes the name and the end', async () => {
    const { stdout } = await terminal().run(
      'secret change ci github --name actions --expires never',
    )
    expect(stdout).toMatch(/^Changed the secret "actions"\.$/m)
    const shown = await terminal().json('secret show ci actions')
    expect(shown).toMatchObject({ name: 'actions', expires_at: null })
  })

  it('disables and enables', async () => {
    const which = 'ci actions'
    const disabled = await terminal().run(`secret disable ${which}`)
    expect(disabled.stdout).toMatch(/^The secret "actions" is disabled\.$/m)
    expect((await terminal().json(`secret show ${which}`)).enabled).toBe(false)
    await terminal().run(`secret enable ${which}`)
    expect((await terminal().json(`secret show ${which}`)).enabled).toBe(true)
  })

  it('is refused in words', async () => {
    const taken = await terminal().run('secret create ci laptop')
    expect(taken.stderr).toBe(
      'countersign: another secret of this account is called "laptop" already\n',
    )
    for (let count = 2; count < 10; count += 1) {
      await terminal().json(`secret create ci 'spare ${count}'`)
    }
    const tooMany = await terminal().run("secret create ci 'one more'")
    expect(tooMany.stderr).toBe('countersign: an account can have at most 10 secrets\n')
    expect([taken.code, tooMany.code]).toEqual([1, 1])
  })

  it('removes a secret only after its consequence was confirmed', async () => {
    const which = 'ci laptop'
    const refused = await terminal().run(`secret remove ${which}`)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      /removes the secret "laptop" \(crd_\w+\) of the account .* for good\.$/m,
    )
    expect(refused.stderr).toMatch(/Whoever uses it gets no more tokens\.$/m)
    const removed = await terminal().run(`secret remove ${which} --yes`)
    expect(removed.stdout).toBe('Removed the secret "laptop".\n')
    const { items } = await terminal().json('secret list ci')
    expect(items.map(({ name }: { name: string }) => name)).not.toContain('laptop')
  })
})

describe('countersign secret generate', () => {
  it('makes a secret and what to register of it, without a server or a database', async () => {
    const { io, said } = heard({})
    const made = said(await run(wordsOf('secret generate --name terraform --json'), io))
    expect([made.code, made.stderr]).toEqual([0, ''])
    const { client_secret: secret, body } = JSON.parse(made.stdout)
    expect(body).toEqual({
      name: 'terraform',
      handle: parseSecret(secret)?.handle,
      hash: expect.stringMatching(/^\$argon2id\$v=19\$m=1024,/),
    })
    expect(await verify(body.hash, secret)).toBe(true)
    expect(JSON.stringify(body)).not.toContain(secret)
  })

  it('shows both to a person, and another secret each time', async () => {
    const texts = []
    for (const { io, said } of [heard({}), heard({})]) {
      texts.push(said(await run(wordsOf('secret generate'), io)).stdout)
    }
    const [first = '', second = ''] = texts.map(
      (text) => /^ {2}client secret +(\S+)$/m.exec(text)?.[1] ?? '',
    )
    expect(parseSecret(first)).toBeDefined()
    expect(second).not.toBe(first)
    expect(texts[0]).toMatch(/^ {2}\{"handle":"\w{16}","hash":"\$argon2id/m)
  })
})

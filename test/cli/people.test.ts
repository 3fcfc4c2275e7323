import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NamedMember } from '../../src/domain/member.ts'
import { signedInAs, tokenOf } from '../management/people.ts'
import { deskOf } from '../support/api.ts'
import type { Places } from './places.ts'
import { newKey, newMemberHolding, openPlaces } from './places.ts'
import type { Terminal } from './terminal.ts'

let places: Places
let beside: Terminal
let afar: Terminal
let ada: NamedMember
beforeAll(async () => {
  places = await openPlaces()
  ;({ beside } = places)
  afar = await places.holding('ops', 'Owner')
  ada = await newMemberHolding(places, 'Owner')
  await beside.json('group create Builders')
  await beside.json(`group add-member Builders ${ada.email}`)
  await beside.json('invitation create grace@example.com --role Viewer --group Builders')
})
afterAll(async () => places.test.close())

/** The same words in both places; `%` is the email of a member. */
async function both(line: string) {
  const words = line.replace('%', ada.email)
  const [here, there] = [await beside.run(words), await afar.run(words)]
  expect(there).toEqual(here)
  return here
}

describe('countersign member', () => {
  it.each([
    'member list',
    'member list --limit 1 --json',
    'member show %',
    'member show % --json',
    'member access %',
    'member preview %',
    'member preview % --json',
    'binding list --member %',
    'group members Builders',
    'invitation list',
    'invitation show grace@example.com',
  ])('says the same from afar as beside the database: %s', async (line) => {
    expect(await both(line)).toMatchObject({ code: 0, stderr: '' })
  })

  it('finds members by email, however it is typed, and by id', async () => {
    const { stdout } = await both(`member show ${ada.email.toUpperCase()}`)
    expect(stdout).toMatch(new RegExp(`^ {2}id +${ada.id}$`, 'm'))
    expect(stdout).toMatch(/^ {2}Owner +everything +never +bnd_/m)
    expect(stdout).toMatch(/^ {2}Builders +grp_/m)
    expect((await both(`member show ${ada.id}`)).stdout).toBe(stdout)
    const nobody = await both('member show nobody@example.com')
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      'countersign: there is no member "nobody@example.com"\n',
    ])
    const named = await both('member show Ada')
    expect([named.code, named.stderr]).toEqual([
      1,
      'countersign: there is no member "Ada": it is found by its email or its id\n',
    ])
  })

  it('says what would end, with application keys and sessions', async () => {
    const grace = await newMemberHolding(places, 'Viewer')
    const line = `member preview ${grace.email}`
    const before = await both(line)
    expect(before.stdout).toContain('They are signed in nowhere.\n')
    expect(before.stdout).toContain('No program acts as them.\n')

    const { client_id: key } = await newKey(places, grace)
    await signedInAs((await deskOf(places.test))(), grace)
    const { stdout } = await both(line)
    expect(stdout).toContain('They are signed out: 1 session, of all organizations.\n')
    expect(stdout).toMatch(/^Their application keys get no more tokens\. .* until 2030-\S+Z/m)
    expect(stdout).toMatch(new RegExp(`^ {2}${key} +enabled +never +2030-`, 'm'))
    expect(await afar.json(line)).toMatchObject({
      principal_type: 'member',
      sessions: 1,
      application_keys: [{ id: key }],
    })
  })

  it('removes one only after the consequence was confirmed', async () => {
    const { email, name } = await newMemberHolding(places, 'Viewer')
    const refused = await both(`member remove ${email}`)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`countersign: This removes the member "${name}" (mem_`)
    expect(refused.stderr).toMatch(
      /with their 0 application keys, their place in 0 groups and 1 granted role\.$/m,
    )
    expect(refused.stderr).toMatch(/^countersign: What they made goes on\.$/m)
    expect(refused.stderr).toMatch(/Say --yes if that is what you want\.$/m)
    const hesitant = await afar.answering('n', `member remove ${email}`)
    expect([hesitant.code, hesitant.stdout]).toEqual([1, ''])
    const decided = await afar.answering('y', `member remove ${email}`)
    expect([decided.code, decided.stdout]).toEqual([0, `Removed the member "${name}".\n`])
    expect((await afar.run(`member show ${email}`)).code).toBe(1)
  })

  it('says of the last Owner that they stay', async () => {
    expect((await both('member preview %')).stdout).toContain(
      'No other member is an Owner: they cannot be removed before somebody else is.\n',
    )
    const refusal =
      'countersign: the organization would have no Owner left: give the role to another member first\n'
    for (const line of ['member remove %', 'member remove % --yes']) {
      expect(await both(line)).toEqual({ code: 1, stdout: '', stderr: refusal })
    }
    // Nor is anybody asked whether they want it.
    const asked = await beside.answering('y', `member remove ${ada.email}`)
    expect(asked).toEqual({ code: 1, stdout: '', stderr: refusal })
  })

  it('makes a recovery link beside the database, and shows it alone', async () => {
    const lost = await newMemberHolding(places, 'Viewer')
    const { code, stdout, stderr } = await beside.run(`member recovery-link ${lost.email}`)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^http\S+\/console\/recovery#cln_\w+\n\nIt is good once, until 2030-/)
    const { link } = await beside.json(`member recovery-link ${lost.id}`)
    expect(link).toMatch(/#cln_\w+$/)
    // From afar there is nobody who could: it takes a session.
    const { code: refused, stderr: why } = await afar.run(`member recovery-link ${lost.email}`)
    expect([refused, why]).toEqual([1, 'countersign: this takes a person who is signed in\n'])
  })
})

describe('countersign invitation', () => {
  it('shows the link in the answer that makes it, and nowhere else', async () => {
    const { code, stdout } = await afar.run('invitation create heidi@example.com --role Viewer')
    const token = /#(cln_\w+)$/m.exec(stdout)?.[1] ?? 'none'
    expect([code, token]).toEqual([0, expect.stringMatching(/^cln_\w{49}$/)])
    expect(stdout).toMatch(/^It is good once, until 2030-\S+Z, and will not be shown again\.$/m)
    for (const line of ['show heidi@example.com', 'list', 'list --json']) {
      expect((await both(`invitation ${line}`)).stdout).not.toContain(token)
    }
    const again = await afar.run('invitation create heidi@example.com')
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(
      /^countersign: there is the invitation (inv_\w+) .* \(countersign invitation remove \1\)\n$/,
    )
  })

  it('made beside the database is told to be of an operator, not of root', async () => {
    const { link } = await beside.json('invitation create kim@example.com')
    const seen = await fetch(`${places.test.issuer}/api/v1/invitations/look`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: tokenOf({ link }) }),
    })
    expect(await seen.json()).toMatchObject({
      email: 'kim@example.com',
      invited_by: 'an operator',
    })
  })

  it('names the roles and groups that it gives', async () => {
    const { stdout } = await both('invitation show grace@example.com')
    expect(stdout).toMatch(/^ {2}roles +Viewer$/m)
    expect(stdout).toMatch(/^ {2}groups +Builders$/m)
  })

  it('is withdrawn only after that was confirmed', async () => {
    await beside.json('invitation create ivan@example.com')
    const refused = await both('invitation remove ivan@example.com')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/withdraws the invitation of ivan@example.com \(inv_\w+\): /)
    const done = await afar.run('invitation remove ivan@example.com --yes')
    expect([done.code, done.stdout]).toEqual([0, 'Withdrew the invitation of ivan@example.com.\n'])
    expect((await both('invitation show ivan@example.com')).code).toBe(1)
  })

  it.each([
    ['invitation create ivan', 2, '<email> must be an email address, not "ivan"'],
    ['invitation create ivan@example.com --role Nothing', 1, 'there is no role "Nothing"'],
    ['invitation create % --role Viewer', 1, 'whoever has this email is the member mem_'],
  ])('is refused in words: %s', async (line, code, why) => {
    const said = await both(line)
    expect([said.code, said.stdout]).toEqual([code, ''])
    expect(said.stderr).toContain(`countersign: ${why}`)
  })
})

describe('countersign application-key', () => {
  it('shows members their own, by one of them, and no secret', async () => {
    const key = await newKey(places, ada)
    const program = await places.as(key)
    const { stdout } = await program.run('application-key list')
    expect(stdout).toMatch(
      new RegExp(`^ {2}${key.client_id} +enabled +never +2030-\\S+ +laptop$`, 'm'),
    )
    const { stdout: shown } = await program.run(`application-key show ${key.client_id}`)
    expect(shown).toMatch(/^ {2}begins with +csk_\w{16}_$/m)
    expect(stdout + shown).not.toContain(key.client_secret)
    const invited = await program.run('invitation create judy@example.com')
    expect([invited.code, invited.stderr]).toEqual([
      1,
      'countersign: this takes a person who is signed in\n',
    ])
  })

  it('tells everybody else that they have none', async () => {
    const { code, stdout, stderr } = await afar.run('application-key list')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/only they see them: sa_\w+ is a service account\./)
    expect((await beside.run('application-key list')).stderr).toContain(' is an operator.')
  })

  it.each(['create', 'change', 'disable', 'enable', 'remove'])(
    'says where to %s one',
    async (verb) => {
      const { code, stderr } = await afar.run(`application-key ${verb} x`)
      expect(code).toBe(1)
      expect(stderr).toMatch(/^countersign: the member makes, changes and removes their own/)
    },
  )
})

describe('what members hold', () => {
  it('is granted and withdrawn as with accounts', async () => {
    const { email, name } = await newMemberHolding(places, 'Viewer')
    const granted = await afar.run(`binding create Owner --member ${email} --resource cluster/x`)
    expect(granted.stdout).toMatch(new RegExp(`^ {2}held by +member ${name}$`, 'm'))
    const put = await afar.run(`group add-member Builders ${email}`)
    expect(put.stdout).toBe(`The member "${name}" is now in the group "Builders".\n`)
    const { stdout } = await afar.run(`group remove-member Builders ${email}`)
    expect(stdout).toBe(`The member "${name}" is no longer in the group "Builders".\n`)
    const again = await both(`group remove-member Builders ${email}`)
    expect([again.code, again.stderr]).toEqual([1, 'countersign: the member is not in the group\n'])
  })
})

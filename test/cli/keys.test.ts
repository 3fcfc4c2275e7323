import { beforeAll, describe, expect, it } from 'vitest'
import { operatorAct } from '../../src/cli/operator.ts'
import type { KeyEncryptionKey } from '../../src/crypto/key-encryption-key.ts'
import { keyVault } from '../../src/crypto/key-vault.ts'
import { totp } from '../../src/crypto/totp.ts'
import { theServer } from '../../src/domain/audit.ts'
import { accept } from '../../src/domain/result.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import { ofPerson } from '../../src/management/people.ts'
import { rotateDueSigningKeys } from '../../src/management/signing-keys.ts'
import { beginTotp } from '../../src/storage/totp.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { accepted, name, newMember } from '../management/desk.ts'
import { testKeyEncryptionKey, testKeyRules } from '../support/house.ts'
import { newKeyEncryptionKey, serverAudit } from '../management/keys.ts'
import { useTerminal } from './terminal.ts'

type Listed = {
  readonly kid: string
  readonly state: string
  readonly signs_from: string | null
  readonly key_encryption_key_id: string
}

describe('countersign keys', () => {
  const terminal = useTerminal()
  const other = newKeyEncryptionKey()
  const rules = testKeyRules()
  const listed = async (): Promise<readonly Listed[]> => (await terminal().json('keys list')).keys
  const inState = async (state: string): Promise<Listed> => {
    const found = (await listed()).find((key) => key.state === state)
    if (found === undefined) throw new Error(`no key is ${state}`)
    return found
  }
  /** A person with a second factor, sealed under this key. */
  const withTotp = async (key: KeyEncryptionKey) => {
    const { db, house } = terminal()
    const desk = { ...house, act: operatorAct(house) }
    const wish = { name: name(`Of ${key.id}`) }
    const organization = accepted(await createOrganization(desk, desk.act, wish))
    const member = await newMember(desk, organization.id)
    const { secret: _, ...sealed } = await totp([key]).make()
    await inTransaction(db, 'server', desk.act, async (tx) => {
      await beginTotp(tx, member.person, { ...sealed, at: desk.act.at })
      const target = { type: 'person', id: member.person }
      const audit = [{ kind: 'person.totp_begun', target } as const]
      return accept({ value: undefined, audit, changes: [ofPerson(member.person)] })
    })
    return member
  }
  /** What every process does now and then. */
  const keep = async () => {
    const { db, clock } = terminal()
    const vault = keyVault([testKeyEncryptionKey])
    const act = { actor: theServer, at: clock.now(), traceId: '0'.repeat(32) }
    expect(await rotateDueSigningKeys({ db, vault, rules }, act)).toMatchObject({ ok: true })
  }
  beforeAll(keep)

  it('lists what signs, what waits, and what seals them', async () => {
    const document = await terminal().json('keys list')
    const { keys, key_encryption_key_id, held_key_encryption_key_ids } = document
    expect(key_encryption_key_id).toBe(testKeyEncryptionKey.id)
    expect(held_key_encryption_key_ids).toEqual([testKeyEncryptionKey.id])
    const key = {
      kid: expect.stringMatching(/^[\w-]{43}$/),
      use: 'access_token',
      alg: 'ES256',
      announced_at: '2030-01-01T00:00:00Z',
      retires_at: null,
      revoked_at: null,
      gone_at: null,
      key_encryption_key_id: testKeyEncryptionKey.id,
    }
    const active = { ...key, state: 'active', signs_from: '2030-01-01T00:00:00Z' }
    const next = { ...key, state: 'next', signs_from: null }
    expect(keys).toHaveLength(2)
    expect(keys).toEqual(expect.arrayContaining([active, next]))
    const { stdout } = await terminal().run('keys list')
    expect(stdout).toMatch(/^ {2}KID +STATE +ALG +USE +ANNOUNCED +SIGNS FROM +UNTIL +GONE +SEALED/)
    expect(stdout).toMatch(
      new RegExp(
        `^The settings here give the key-encryption key ${testKeyEncryptionKey.id}\\.$`,
        'm',
      ),
    )
    expect(stdout).toMatch(/^ {2}[\w-]{43} +next +ES256 +access_token +2030\S+ +not planned /m)
  })

  it('plans the rotation and says when it is, also when asked again', async () => {
    terminal().clock.turn(3600)
    const next = await inState('next')
    const said = await terminal().run('keys rotate')
    expect(said).toEqual({
      code: 0,
      stdout: `The ES256 key ${next.kid} signs from 2030-01-01T01:11:00Z on, in 11m.\n`,
      stderr: '',
    })
    terminal().clock.turn(60)
    expect(await terminal().json('keys rotate --alg ES256')).toEqual({
      keys: [
        { kid: next.kid, use: 'access_token', alg: 'ES256', signs_from: '2030-01-01T01:11:00Z' },
      ],
    })
    expect(await listed()).toHaveLength(3)
  })

  it('says that no API uses an algorithm, and what there is', async () => {
    const unused = await terminal().run('keys rotate --alg RS256')
    expect([unused.code, unused.stderr]).toEqual([
      1,
      'countersign: no API uses RS256, so there are no keys of it\n',
    ])
    const unknown = await terminal().run('keys rotate --alg HS256')
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('--alg must be one of ES256, Ed25519, RS256, ML-DSA-44'),
    ])
  })

  it('revokes only when that is confirmed, and says what it means', async () => {
    const active = await inState('active')
    const unasked = await terminal().run(`keys revoke ${active.kid}`)
    expect(unasked.code).toBe(1)
    expect(unasked.stderr).toContain(`This revokes the ES256 key ${active.kid}, which is active.`)
    expect(unasked.stderr).toContain('All tokens that it signed are refused')
    const next = await inState('next')
    expect(unasked.stderr).toContain(`The ES256 key ${next.kid} signs at once.`)
    const spare = (await listed()).find(
      ({ state, signs_from: from }) => state === 'next' && from === null,
    )
    const unused = await terminal().run(`keys revoke ${spare?.kid}`)
    expect(unused.stderr).toContain('It has signed nothing; another one is announced.')
    expect(unused.stderr).toContain(`The ES256 key ${active.kid} goes on signing.`)
    const no = await terminal().answering('n', `keys revoke ${active.kid}`)
    expect(no.stderr).toMatch(/nothing was changed\n$/)
    expect(await inState('active')).toEqual(active)
  })

  it('revokes a key at once, and the next one takes over', async () => {
    const active = await inState('active')
    const yes = await terminal().answering('y', `keys revoke ${active.kid}`)
    const successor = await inState('active')
    expect(yes.code).toBe(0)
    expect(yes.stdout).toBe(
      `Revoked the key ${active.kid}.\nThe ES256 key ${successor.kid} signs.\n`,
    )
    expect(successor.signs_from).toBe('2030-01-01T01:01:00Z')
    expect((await inState('revoked')).kid).toBe(active.kid)
    expect(await terminal().json(`keys revoke ${active.kid} --yes`)).toMatchObject({
      kid: active.kid,
      signs_next: { kid: successor.kid },
    })
    const entries = (await serverAudit(terminal())).filter(
      ({ kind }) => kind === 'signing_key.revoked',
    )
    expect(entries).toMatchObject([{ actor: { type: 'operator' }, target: { id: active.kid } }])
  })

  it('says from when on a key signs again, if everyone has to learn of it first', async () => {
    terminal().clock.turn(10)
    const active = await inState('active')
    const { stderr } = await terminal().run(`keys revoke ${active.kid}`)
    expect(stderr).toContain(
      'No ES256 key signs until 2030-01-01T01:11:00Z, in 9m 50s: requests that need one are answered 503',
    )
    const { stdout } = await terminal().run(`keys revoke ${active.kid} --yes`)
    expect(stdout).toMatch(/^The ES256 key \S+ signs from 2030-01-01T01:11:00Z on, in 9m 50s\.$/m)
    const { stdout: table } = await terminal().run('keys list')
    const row = table.split('\n').find((line) => line.includes(active.kid))
    expect(row).toMatch(/revoked .* 2030-01-01T01:01:00Z +2030-01-01T01:01:10Z /)
    terminal().clock.turn(rules.lead)
  })

  it('does not know a key that is not there', async () => {
    const { code, stderr } = await terminal().run(`keys revoke ${'x'.repeat(43)} --yes`)
    expect([code, stderr]).toEqual([1, `countersign: there is no signing key ${'x'.repeat(43)}\n`])
    expect((await terminal().run('keys revoke x --yes')).code).toBe(2)
  })

  it.each(['-F', '--', '-h', '-F-'])('takes a key id that begins with %s', async (start) => {
    const kid = start.padEnd(43, 'x')
    for (const words of [`${kid} --yes`, `--yes ${kid}`, `--yes -- ${kid}`]) {
      const { code, stderr } = await terminal().run(`keys revoke ${words}`)
      expect([code, stderr]).toEqual([1, `countersign: there is no signing key ${kid}\n`])
    }
  })

  it('seals the keys under another key-encryption key, which only its holders can do', async () => {
    const count = (await listed()).length
    terminal().hold(other)
    const foreign = await terminal().run('keys rewrap --yes')
    expect([foreign.code, foreign.stderr]).toEqual([
      1,
      `countersign: the signing keys are sealed under the key-encryption key ${testKeyEncryptionKey.id}; the settings give ${other.id} (see Signing keys in docs/operations.md)\n`,
    ])
    terminal().hold(other, testKeyEncryptionKey)
    expect((await terminal().run('keys rewrap')).stderr).toContain('becomes not ready')
    expect((await terminal().run('keys rewrap --yes')).stdout).toBe(
      `Sealed ${count} keys under ${other.id}; they were under ${testKeyEncryptionKey.id}.\n`,
    )
    expect(new Set((await listed()).map((key) => key.key_encryption_key_id))).toEqual(
      new Set([other.id]),
    )
    const third = newKeyEncryptionKey()
    expect((await terminal().run('keys rewrap --yes')).stdout).toBe(
      `All keys are sealed under ${other.id} already.\n`,
    )
    terminal().hold(third)
    expect((await terminal().run('keys rewrap --give-up')).stderr).toContain('become worthless')
    const { stdout } = await terminal().run('keys rewrap --give-up --yes')
    expect(stdout).toBe(`Removed ${count} keys that could not be opened.\n`)
    expect((await inState('active')).key_encryption_key_id).toBe(third.id)
  })

  it('seals second factors as well, and says whose cannot be opened', async () => {
    const [known, lost, fresh] = [
      newKeyEncryptionKey(),
      newKeyEncryptionKey(),
      newKeyEncryptionKey(),
    ]
    await withTotp(known)
    const { email } = await withTotp(lost)
    terminal().hold(fresh, known)
    expect(await terminal().json('keys rewrap --give-up --yes')).toMatchObject({
      second_factors: 1,
      second_factors_unopened: 1,
      people_unopened: [email],
    })
    const { code, stdout } = await terminal().run('keys rewrap --yes')
    expect(code).toBe(1)
    expect(stdout).toBe(
      `All keys are sealed under ${fresh.id} already.\n1 second factor could not be opened with the keys given here. These people cannot sign in until a recovery link has taken theirs away:\n  ${email}\n`,
    )
  })
})

import { describe, expect, it } from 'vitest'
import { parseSecret } from '../../src/domain/secret.ts'
import {
  changeCredential,
  createClientSecret,
  credentialsMax,
  disableCredential,
  enableCredential,
  listCredentials,
  registerClientSecret,
  removeCredential,
  showCredential,
} from '../../src/management/credentials.ts'
import { findClient } from '../../src/storage/clients.ts'
import {
  accepted,
  inDays,
  name,
  newAccount,
  newMember,
  newOrganization,
  nothingWritten,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('a client secret', () => {
  const desk = useDesk()
  const holder = async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: principal } = await newAccount(desk(), { organization })
    return { organization, principal }
  }
  const made = async (called = 'one') => {
    const input = { ...(await holder()), name: name(called) }
    const { credential } = accepted(await createClientSecret(desk(), desk().act, input))
    const { organization, principal } = input
    return { organization, principal, credential: credential.id }
  }

  it('is told in the answer that creates it, and its hash is what is kept', async () => {
    const input = { ...(await holder()), name: name('ci'), expiresAt: inDays(desk(), 90) }
    const created = accepted(await createClientSecret(desk(), desk().act, input))
    expect(created.credential).toEqual({
      id: expect.stringMatching(/^crd_/),
      ...input,
      kind: 'client_secret',
      handle: parseSecret(created.secret)?.handle,
      enabled: true,
      version: 1,
      createdAt: desk().act.at,
      createdBy: { id: 'operator:ada', name: 'ada' },
    })
    const kept = (await findClient(desk().db.management, input.principal))?.credentials[0]
    expect(kept).toMatchObject({ kind: 'client_secret', id: created.credential.id })
    if (kept?.kind !== 'client_secret') throw new Error('not a client secret')
    expect(await desk().secrets.verify(kept.hash, created.secret)).toBe(true)
  })

  it('is registered blind, by its handle and hash, and proves its account', async () => {
    const { secret, handle } = desk().secrets.generate()
    const hash = await desk().secrets.hash(secret)
    const input = { ...(await holder()), name: name('terraform'), handle, hash }
    const { audit } = await tracesOf(desk(), async () =>
      registerClientSecret(desk(), desk().act, input),
    )
    expect(audit).toMatchObject([{ kind: 'credential.created', after: { handle } }])
    expect(JSON.stringify(audit)).not.toContain('argon2')
    const [kept] = (await findClient(desk().db.management, input.principal))?.credentials ?? []
    if (kept?.kind !== 'client_secret') throw new Error('not a client secret')
    expect(kept.handle).toBe(handle)
    expect(await desk().secrets.verify(kept.hash, secret)).toBe(true)
  })

  it('is found by a handle that no other secret of the server has', async () => {
    const { secret, handle } = desk().secrets.generate()
    const hash = await desk().secrets.hash(secret)
    const registration = async () => ({ ...(await holder()), name: name('one'), handle, hash })
    accepted(await registerClientSecret(desk(), desk().act, await registration()))
    expect(await registerClientSecret(desk(), desk().act, await registration())).toEqual({
      ok: false,
      refusal: { reason: 'handle_taken', handle },
    })
  })

  it('is nowhere afterwards: not in a list, a read, or the audit trail [165]', async () => {
    const input = { ...(await holder()), name: name('ci') }
    let secret = 'none'
    const { changes, audit } = await tracesOf(desk(), async () => {
      ;({ secret } = accepted(await createClientSecret(desk(), desk().act, input)))
    })
    const listed = accepted(await listCredentials(desk(), input))
    const shown = await showCredential(desk(), {
      organization: input.organization,
      credential: listed.items[0]?.id ?? desk().random.id('credential'),
    })
    const written = JSON.stringify([audit, listed, shown])
    expect(written).not.toContain(secret)
    expect(written).not.toContain('argon2')
    expect(changes).toEqual([`principal ${input.principal}`])
    expect(audit).toMatchObject([
      { kind: 'credential.created', after: { principal: input.principal, name: 'ci' } },
    ])
  })

  it('belongs to a principal of the organization', async () => {
    const { principal } = await holder()
    const { id: organization } = await newOrganization(desk())
    const refused = { ok: false, refusal: { reason: 'principal_unknown', principal } }
    const input = { organization, principal, name: name('ci') }
    expect(await createClientSecret(desk(), desk().act, input)).toEqual(refused)
    expect(await listCredentials(desk(), input)).toEqual(refused)
  })

  it('is never made for a member: what members have is theirs alone to make', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: principal } = await newMember(desk(), organization)
    const refused = { ok: false, refusal: { reason: 'principal_unknown', principal } }
    const input = { organization, principal, name: name('ci') }
    expect(await createClientSecret(desk(), desk().act, input)).toEqual(refused)
  })

  it('has a name that no other credential of its principal has', async () => {
    const { organization, principal, credential } = await made('one')
    const refusal = { reason: 'credential_name_taken', name: 'one' }
    const again = { organization, principal, name: name('one') }
    expect(await createClientSecret(desk(), desk().act, again)).toEqual({ ok: false, refusal })

    const two = { organization, principal, name: name('two') }
    accepted(await createClientSecret(desk(), desk().act, two))
    const rename = { organization, credential, name: name('two') }
    expect(await changeCredential(desk(), desk().act, rename)).toEqual({
      ok: false,
      refusal: { reason: 'credential_name_taken', name: 'two' },
    })
    await made('one')
  })

  it('ends in the future, if it ends', async () => {
    const { organization, principal, credential } = await made()
    const refused = { ok: false, refusal: { reason: 'expiry_past', expiresAt: desk().act.at } }
    const ended = { organization, principal, name: name('late'), expiresAt: desk().act.at }
    expect(await createClientSecret(desk(), desk().act, ended)).toEqual(refused)
    const change = { organization, credential, expiresAt: desk().act.at }
    expect(await changeCredential(desk(), desk().act, change)).toEqual(refused)
  })

  it(`is one of at most ${credentialsMax}`, async () => {
    const { organization, principal } = await holder()
    for (let count = 0; count < credentialsMax; count += 1) {
      const input = { organization, principal, name: name(`secret ${count}`) }
      accepted(await createClientSecret(desk(), desk().act, input))
    }
    const input = { organization, principal, name: name('one too many') }
    expect(await createClientSecret(desk(), desk().act, input)).toEqual({
      ok: false,
      refusal: { reason: 'credentials_too_many', max: credentialsMax },
    })
  })

  it('is renamed and gets another end, or none', async () => {
    const { organization, principal, credential } = await made()
    const expiresAt = inDays(desk(), 7)
    const change = { organization, credential, name: name('laptop'), expiresAt }
    const { changes, audit } = await tracesOf(desk(), async () =>
      changeCredential(desk(), desk().act, change),
    )
    const shown = accepted(await showCredential(desk(), { organization, credential }))
    expect(shown).toMatchObject({ name: 'laptop', expiresAt })
    expect(changes).toEqual([`principal ${principal}`])
    expect(audit).toMatchObject([
      { kind: 'credential.changed', before: { name: 'one', expires_at: null } },
    ])

    const endless = { organization, credential, expiresAt: null }
    accepted(await changeCredential(desk(), desk().act, endless))
    const after = accepted(await showCredential(desk(), { organization, credential }))
    expect(after).toMatchObject({ name: 'laptop', expiresAt: undefined })
    const again = await tracesOf(desk(), async () => changeCredential(desk(), desk().act, endless))
    expect(again).toEqual(nothingWritten)
  })

  it('is disabled and enabled, each told once', async () => {
    const { organization, principal, credential } = await made()
    const place = { organization, credential }
    const disabled = await tracesOf(desk(), async () =>
      disableCredential(desk(), desk().act, place),
    )
    expect(disabled.changes).toEqual([`principal ${principal}`])
    expect(disabled.audit).toMatchObject([{ kind: 'credential.disabled' }])
    expect(accepted(await showCredential(desk(), place)).enabled).toBe(false)
    expect(
      await tracesOf(desk(), async () => disableCredential(desk(), desk().act, place)),
    ).toEqual(nothingWritten)

    const enabled = await tracesOf(desk(), async () => enableCredential(desk(), desk().act, place))
    expect(enabled.changes).toEqual([`principal ${principal}`])
    expect(enabled.audit).toMatchObject([{ kind: 'credential.enabled' }])
    expect(accepted(await showCredential(desk(), place)).enabled).toBe(true)
  })

  it('is removed for good', async () => {
    const { organization, principal, credential } = await made()
    const { changes, audit } = await tracesOf(desk(), async () =>
      removeCredential(desk(), desk().act, { organization, credential }),
    )
    expect(changes).toEqual([`principal ${principal}`])
    expect(audit).toMatchObject([{ kind: 'credential.removed', before: { principal } }])
    expect((await findClient(desk().db.management, principal))?.credentials).toEqual([])
  })

  it('must be there, in its own organization, for anything that is done to it [174]', async () => {
    const { credential, organization: own } = await made()
    const { id: organization } = await newOrganization(desk())
    const elsewhere = { organization, credential }
    const unknown = { ok: false, refusal: { reason: 'credential_unknown', credential } }
    expect(await showCredential(desk(), elsewhere)).toEqual(unknown)
    expect(await changeCredential(desk(), desk().act, elsewhere)).toEqual(unknown)
    expect(await disableCredential(desk(), desk().act, elsewhere)).toEqual(unknown)
    expect(await enableCredential(desk(), desk().act, elsewhere)).toEqual(unknown)
    expect(await removeCredential(desk(), desk().act, elsewhere)).toEqual(unknown)
    accepted(await showCredential(desk(), { organization: own, credential }))
  })
})

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { linkLifetime } from '../../src/domain/link.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { showMember } from '../../src/management/members.ts'
import { createSetupLink, lookAtSetupLink, setUp } from '../../src/management/setup.ts'
import { listSomeOwners } from '../../src/storage/holdings.ts'
import {
  accepted,
  inBulk,
  issuer,
  name,
  newMember,
  newOrganization,
  tracesOf,
  useDesk,
} from './desk.ts'
import {
  asPerson,
  circumstances,
  email,
  password,
  tokenOf,
  tryToSignIn,
  withoutOperators,
} from './people.ts'

const desks = useDesk()

/** A server that nobody looks after. */
async function emptyServer() {
  const desk = desks()
  await withoutOperators(desk)
  return desk
}

let made = 0
const somebody = () => ({
  email: email(`ada-${(made += 1)}@example.com`),
  name: name('Ada'),
  password,
})

describe('setting up', () => {
  it('makes the first person operator and Owner of the first organization', async () => {
    const [desk, ada] = [await emptyServer(), somebody()]
    const { link, expiresAt } = accepted(await createSetupLink(desk, desk.act))
    expect(link).toMatch(`${issuer}/console/setup#cln_`)
    expect(expiresAt).toBe(later(desk.act.at, linkLifetime))
    const input = { ...ada, token: tokenOf({ link }), organization: name('Analytical Engines') }
    let organizationId = ''
    const { audit, changes } = await tracesOf(desk, async () => {
      const { member, organization } = accepted(await setUp(desk, circumstances(desk), input))
      organizationId = organization.id
      const place = { organization: organization.id, member: member.id }
      expect(accepted(await showMember(desk, place))).toMatchObject({
        name: 'Ada',
        email: ada.email,
      })
      expect(await listSomeOwners(desk.db.management, organization.id)).toEqual([member.id])
    })
    const ofServer = audit.filter(({ chain }) => chain === 'server')
    expect(ofServer.map(({ kind }) => kind)).toEqual([
      'organization.created',
      'api.created',
      'role.created',
      'role.created',
      'role.created',
      'person.created',
    ])
    // Who is its Owner is in its own trail.
    const own = audit.filter(({ chain }) => chain !== 'server')
    expect(own.map(({ kind, chain }) => `${chain === organizationId} ${kind}`)).toEqual([
      'true member.added',
      'true binding.created',
    ])
    for (const entry of audit) {
      expect(entry).toMatchObject({ actor: { type: 'link_holder', link: 'setup', name: 'Ada' } })
    }
    expect(JSON.stringify(audit)).not.toMatch(/cln_|argon2|correct horse/)
    expect(changes).toContainEqual(expect.stringMatching(/^principal mem_/))
    const signedIn = accepted(await tryToSignIn(desk, ada))
    expect(signedIn.person.isOperator).toBe(true)

    // The link is used up, there is an operator, and so there is no other link.
    expect(await setUp(desk, circumstances(desk), input)).toMatchObject({
      refusal: { reason: 'link_unknown' },
    })
    expect(await createSetupLink(desk, desk.act)).toEqual({
      ok: false,
      refusal: { reason: 'operator_exists' },
    })
  })

  it('gives whoever sets up the organization of that name, if nobody owns it', async () => {
    const [desk, ada] = [await emptyServer(), somebody()]
    const { id, name: called } = await newOrganization(desk)
    const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    const { member, organization } = accepted(
      await setUp(desk, circumstances(desk), { ...ada, token, organization: called }),
    )
    expect(organization.id).toBe(id)
    expect(await listSomeOwners(desk.db.management, id)).toEqual([member.id])
  })

  it('takes none of several organizations that have the name', async () => {
    const [desk, ada] = [await emptyServer(), somebody()]
    const { id, name: called } = await newOrganization(desk)
    await inBulk(
      desk,
      id,
      1,
      (series, madeNow) => sql`insert into organization (id, name, created_at, created_by_id,
        created_by_name) select ${id} || n, ${called}, ${madeNow} from ${series}`,
    )
    const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    const input = { ...ada, token, organization: called }
    expect(await setUp(desk, circumstances(desk), input)).toEqual({
      ok: false,
      refusal: { reason: 'organization_name_taken', name: called },
    })
  })

  it('takes no organization from its Owner, and nobody’s email', async () => {
    const [desk, ada] = [await emptyServer(), somebody()]
    const first = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    const organization = name('Difference Engines')
    const { id } = await newOrganization(desk)
    const someone = await newMember(desk, id)
    const attempt = async (wishes: object, token = first) =>
      setUp(desk, circumstances(desk), { ...ada, token, organization, ...wishes })
    expect(await attempt({ email: someone.email })).toEqual({
      ok: false,
      refusal: { reason: 'person_exists', email: someone.email },
    })
    // What was refused has not used the link up, but a newer link has.
    const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    expect(await attempt({})).toMatchObject({ refusal: { reason: 'link_unknown' } })
    expect((await attempt({}, token)).ok).toBe(true)
  })

  it('can be looked at before, which uses nothing up', async () => {
    const [desk, ada] = [await emptyServer(), somebody()]
    const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    const look = async (at = desk.act.at, of = token) => lookAtSetupLink(desk, { at }, of)
    const expiresAt = later(desk.act.at, linkLifetime)
    for (const seen of [await look(), await look()]) expect(accepted(seen)).toEqual({ expiresAt })
    const unknown = { ok: false, refusal: { reason: 'link_unknown' } }
    expect(await look(expiresAt)).toEqual(unknown)
    expect(await look(desk.act.at, desk.tokens.link())).toEqual(unknown)
    const input = { ...ada, token, organization: name('Looked at') }
    accepted(await setUp(desk, circumstances(desk), input))
    expect(await look()).toEqual({ ok: false, refusal: { reason: 'operator_exists' } })
  })

  it('ends with the link, after a day', async () => {
    const [desk, ada] = [await emptyServer(), somebody()]
    const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    const input = { ...ada, token, organization: name('Late') }
    const at = later(desk.act.at, linkLifetime)
    expect(await setUp(desk, { ...circumstances(desk), at }, input)).toMatchObject({
      refusal: { reason: 'link_unknown' },
    })
    const before = later(at, seconds(-1))
    expect((await setUp(desk, { ...circumstances(desk), at: before }, input)).ok).toBe(true)
  })

  it('has one first operator, however many try at once', async () => {
    const [desk, ada] = [await emptyServer(), somebody()]
    const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    const outcomes = await Promise.all(
      ['ada', 'grace', 'edith'].map(async (who) => {
        const input = { ...ada, email: email(`${who}@example.org`), token }
        return setUp(desk, circumstances(desk), { ...input, organization: name(who) })
      }),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it('begins at the command line: nobody else makes the link', async () => {
    const desk = await emptyServer()
    const { id } = await newOrganization(desk)
    const member = await newMember(desk, id)
    expect(await createSetupLink(desk, await asPerson(desk, member))).toEqual({
      ok: false,
      refusal: { reason: 'operator_needed' },
    })
  })
})

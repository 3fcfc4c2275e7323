import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { builtInRoles, managementAudience } from '../../src/domain/management-permission.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { onPostgres } from '../support/database.ts'
import { fetchToken } from '../support/fixtures.ts'
import { accepted, roleNamed } from '../support/operator.ts'
import type { Pair } from '../support/pair.ts'
import { openPair } from '../support/pair.ts'

const writes = 40

type Entry = {
  readonly kind: string
  readonly target: { readonly id: string }
  readonly after: { readonly name: string }
}

describe.runIf(onPostgres)('a server process that is killed while it writes', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair()
    const { ports, act, demo, terraform } = pair
    const { organization } = demo
    const role = await roleNamed(ports, organization, builtInRoles.owner.name)
    const subject = { type: 'principal', id: terraform.id } as const
    accepted(await createBinding(ports, act(), { organization, role, subject }))
  })
  afterAll(async () => pair.close())

  it('leaves no half change and none that the audit trail does not tell, and all can be asked again', async () => {
    const { servers, wishes, demo, terraform, ports } = pair
    const [first, second] = servers
    const resource = managementAudience(wishes.issuer)
    const token = await fetchToken({ issuer: first.url }, terraform, { resource })
    const create = async (url: string, number: number) =>
      fetch(`${url}/api/v1/organizations/${demo.organization}/service-accounts`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': `write-${number}`,
        },
        body: JSON.stringify({ name: `write ${number}` }),
      }).then(
        ({ status }) => status,
        () => 'no answer' as const,
      )
    const numbers = Array.from({ length: writes }, (_, number) => number)
    const asked = Promise.all(numbers.map(async (number) => create(first.url, number)))
    // Some are written by now, and not all.
    while ((await written()).length === 0) await new Promise(setImmediate)
    first.process.kill('SIGKILL')
    const outcomes = await asked
    expect(outcomes).toContain('no answer')

    const made = await written()
    expect(await audited()).toEqual(made)
    expect(await announced()).toEqual(made)
    // What was acknowledged is there.
    const acknowledged = numbers.filter((number) => outcomes[number] === 201)
    expect(made.map(({ name }) => name)).toEqual(
      expect.arrayContaining(acknowledged.map((number) => `write ${number}`)),
    )

    const again = await Promise.all(numbers.map(async (number) => create(second.url, number)))
    expect(new Set(again)).toEqual(new Set([201]))
    const names = (await written()).map(({ name }) => name)
    expect(names.toSorted()).toEqual(numbers.map((number) => `write ${number}`).toSorted())
    expect(await audited()).toEqual(await written())

    async function written() {
      const { rows } = await sql<{ id: string; name: string }>`
        select id, name from service_account where name like 'write %' order by id
      `.execute(ports.db.management)
      return rows
    }

    async function audited() {
      const { rows } = await sql<{ entry: Uint8Array }>`
        select entry from audit_entry order by sequence
      `.execute(ports.db.management)
      return rows
        .map(({ entry }) => JSON.parse(new TextDecoder().decode(entry)) as Entry)
        .filter(
          ({ kind, after }) =>
            kind === 'service_account.created' && after.name.startsWith('write '),
        )
        .map(({ target, after }) => ({ id: target.id, name: after.name }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    }

    async function announced() {
      const { rows } = await sql<{ id: string; name: string }>`
        select account.id, account.name from service_account account
        where account.name like 'write %'
          and exists (select from change where change.subject = account.id) order by account.id
      `.execute(ports.db.management)
      return rows
    }
  })
})

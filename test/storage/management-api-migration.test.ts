import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { random } from '../../src/crypto/random.ts'
import { parseId } from '../../src/domain/id.ts'
import type { OrganizationId } from '../../src/domain/id.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import { readProgram } from '../../src/program.ts'
import type { Database } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { accepted, name } from '../management/desk.ts'
import { testClock } from '../support/clock.ts'
import { emptyDatabaseForTest } from '../support/database.ts'
import { operator } from '../support/operator.ts'

const clock = testClock()
const program = await readProgram()
const before = {
  ...program,
  migrations: program.migrations.filter((migration) => migration.name < '0007'),
}
const old = `org_${'0'.repeat(26)}` as OrganizationId
const made = `'2026-01-02T03:04:05Z', 'operator:ada', 'ada'`

/** A database as the release before had it, with one organization. */
async function oldDatabase(): Promise<Database> {
  const db = await emptyDatabaseForTest()
  accepted(await migrate(db, before, clock.now()))
  await sql
    .raw(
      `insert into organization (id, name, created_at, created_by_id, created_by_name)
        values ('${old}', 'Old', ${made});
      insert into role (organization_id, id, name, description, built_in, created_at, created_by_id, created_by_name)
        values ('${old}', 'rol_0', 'Owner', 'The role of those who own the organization.', true, ${made}),
          ('${old}', 'rol_1', 'Viewer', 'Mine', false, ${made}),
          ('${old}', 'rol_2', 'Member manager', 'Mine', false, ${made}),
          ('${old}', 'rol_3', 'Member manager (custom)', 'Mine', false, ${made});
      insert into api (organization_id, id, audience, name, token_lifetime_seconds, created_at, created_by_id, created_by_name)
        values ('${old}', 'api_1', 'https://m.example.com', 'Management API', 60, ${made})`,
    )
    .execute(db.schema)
  return db
}

describe('the migration to the management API', () => {
  it('gives organizations that exist what new ones are created with', async () => {
    const db = await oldDatabase()
    accepted(await migrate(db, program, clock.now()))
    const act = { actor: operator, at: clock.now(), traceId: 'a'.repeat(32) }
    const ports = { db, random: random(clock) }
    const { id } = accepted(await createOrganization(ports, act, { name: name('New') }))

    expect(await builtIn(db, old)).toEqual(await builtIn(db, id))
    const ids = await idsOf(db, old)
    expect(ids.apis.map((text) => parseId('api', text))).toEqual(ids.apis)
    expect(ids.roles.map((text) => parseId('role', text))).toEqual(ids.roles)
  })

  it('says that what is built in was there from the first second of its organization', async () => {
    const db = await oldDatabase()
    accepted(await migrate(db, program, clock.now()))
    const { rows } = await sql`
      select api.created_at = organization.created_at as api_at,
        role.created_at = organization.created_at as role_at, role.created_by_name as name
      from organization
      join api on api.organization_id = organization.id and api.built_in
      join role on role.organization_id = organization.id and role.built_in
    `.execute(db.management)
    const then = { api_at: true, role_at: true, name: 'ada' }
    expect(rows).toEqual([then, then, then])
  })

  it('renames what has a name that is built in now, and has every process forget it', async () => {
    const db = await oldDatabase()
    accepted(await migrate(db, program, clock.now()))
    const { rows } = await sql<{ name: string }>`
      select name from role where not built_in union all select name from api where not built_in
    `.execute(db.management)
    expect(rows.map((row) => row.name).toSorted()).toEqual([
      'Management API (custom)',
      'Member manager (custom)',
      'Member manager (rol_2)',
      'Viewer (custom)',
    ])
    const changes = await sql`select position, kind from change`.execute(db.management)
    expect(changes.rows).toEqual([{ position: 1, kind: 'server' }])
  })

  it('keeps other audiences unique in the whole server', async () => {
    const db = await oldDatabase()
    accepted(await migrate(db, program, clock.now()))
    const twice = sql
      .raw(
        `insert into api (organization_id, id, audience, name, token_lifetime_seconds, created_at, created_by_id, created_by_name)
          values ('${old}', 'api_2', 'https://m.example.com', 'Other', 60, ${made})`,
      )
      .execute(db.management)
    await expect(twice).rejects.toMatchObject({ code: '23505' })
  })
})

async function builtIn(db: Database, organization: OrganizationId) {
  const apis = await sql`
    select audience, name, token_lifetime_seconds, signing_alg, signing_alg_before
    from api where organization_id = ${organization} and built_in
  `.execute(db.management)
  const permissions = await sql`
    select permission, description
    from api_permission join api on api.id = api_id
    where api.organization_id = ${organization} and built_in order by permission
  `.execute(db.management)
  const roles = await sql`
    select role.name, role.description, permission
    from role join role_permission on role_id = role.id
    where role.organization_id = ${organization} and built_in order by role.name, permission
  `.execute(db.management)
  return { apis: apis.rows, permissions: permissions.rows, roles: roles.rows }
}

async function idsOf(db: Database, organization: OrganizationId) {
  const apis = await sql<{ id: string }>`
    select id from api where organization_id = ${organization} and built_in
  `.execute(db.management)
  const roles = await sql<{ id: string }>`
    select id from role where organization_id = ${organization} and built_in and name <> 'Owner'
  `.execute(db.management)
  return { apis: apis.rows.map(({ id }) => id), roles: roles.rows.map(({ id }) => id) }
}

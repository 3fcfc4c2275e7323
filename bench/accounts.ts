import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { openSecrets } from '../src/crypto/secrets.ts'
import { encodeSecret } from '../src/domain/secret.ts'
import type { Secrets } from '../src/ports/secrets.ts'
import type { BenchClient, BenchDatabase } from './database.ts'
import { connected } from './database.ts'

/** An account whose secret is known here. */
export type KnownClient = BenchClient & {
  /** A secret of the right form, with the handle of the real one: only its hash says no. */
  readonly wrongSecret: () => string
}

/**
 * Adds accounts beside the two of the demo, each with its own credential and in the group of the
 * second. Rows are written as the management plane writes them, but by the database itself, a
 * million at a time. Spread among them are as many as are wanted whose secrets are known.
 */
export async function addAccounts(
  { url, clients: [, model] }: BenchDatabase,
  { accounts, known }: { readonly accounts: number; readonly known: number },
): Promise<readonly KnownClient[]> {
  const made = await knownClients(accounts, known)
  const client = await connected(url)
  try {
    await copyAccounts(client, model.id, accounts)
    await client.query(
      `update credential set handle = known.handle, hash = known.hash
       from unnest($1::text[], $2::text[], $3::text[]) as known (id, handle, hash)
       where principal_id = known.id`,
      [made.map(({ id }) => id), made.map(({ handle }) => handle), made.map(({ hash }) => hash)],
    )
    // What the database would do by itself at some moment would fall on somebody's window.
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
  return made
}

/** Copies the rows of one account, with other ids. Columns not named here stay as they are. */
async function copyAccounts(client: pg.Client, model: string, count: number): Promise<void> {
  const id = `'sa_' || lpad(n::text, 26, '0')`
  const copied: readonly (readonly [
    table: string,
    key: string,
    Readonly<Record<string, string>>,
  ])[] = [
    ['principal', 'id', { id }],
    ['service_account', 'id', { id, name: `'account-' || n` }],
    ['group_member', 'principal_id', { principal_id: id }],
    [
      'credential',
      'principal_id',
      {
        id: `'crd_' || lpad(n::text, 26, '0')`,
        principal_id: id,
        handle: `lpad(n::text, 16, '0')`,
      },
    ],
  ]
  // References are as good as those they are copied from. Only a superuser may leave them unchecked.
  await client.query('set session_replication_role = replica').catch(() => undefined)
  for (const [table, key, changed] of copied) {
    const { rows } = await client.query<{ name: string }>(
      `select column_name as name from information_schema.columns
       where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'`,
      [table],
    )
    const columns = rows.map(({ name }) => name)
    const values = columns.map((name) => changed[name] ?? `model.${name}`)
    await client.query(`alter table ${table} set (autovacuum_enabled = false)`)
    await client.query(
      `insert into ${table} (${columns.join(', ')})
       select ${values.join(', ')} from ${table} model, generate_series(1, ${count}) n
       where model.${key} = '${model}'`,
    )
  }
}

type Made = KnownClient & { readonly handle: string; readonly hash: string }

/** Secrets for some of the accounts, evenly spread. */
async function knownClients(accounts: number, known: number): Promise<readonly Made[]> {
  const { hash } = await openSecrets()
  const every = Math.floor(accounts / known)
  const made: Made[] = []
  while (made.length < known) {
    // No more at once than wait for a hash without being turned away.
    const some = Array.from({ length: Math.min(50, known - made.length) }, async (_, index) => {
      const number = (made.length + index + 1) * every
      return knownClient(`sa_${String(number).padStart(26, '0')}`, hash)
    })
    made.push(...(await Promise.all(some)))
  }
  return made
}

async function knownClient(id: string, hash: Secrets['hash']): Promise<Made> {
  const handleBytes = randomBytes(12)
  const { secret, handle } = encodeSecret(handleBytes, randomBytes(32))
  const wrongSecret = () => encodeSecret(handleBytes, randomBytes(32)).secret
  return { id, secret, handle, hash: await hash(secret), wrongSecret }
}

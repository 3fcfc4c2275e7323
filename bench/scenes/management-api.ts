/** The same reads of the management plane over HTTP, by a program with a bearer token. */
import { builtInRoles } from '../../src/domain/management-permission.ts'
import { pageDocument } from '../../src/http/api/edge/pages.ts'
import { startCountersign } from '../contestants.ts'
import type { BenchClient, BenchDatabase } from '../database.ts'
import { connected } from '../database.ts'
import { grantOnly } from '../request.ts'
import type { Stage } from '../stage.ts'

export type Place = {
  readonly organization: string
  readonly role: string
  /** An account and a granted role in the middle of all. */
  readonly principal: string
  readonly binding: string
}

const apiBase = '/api/v1'
const pageItemsMax = 100

/** Starts a server, and reads from it as an Owner does. */
export async function readsOverHttp(
  stage: Stage,
  database: BenchDatabase,
  place: Place,
): Promise<Readonly<Record<string, () => Promise<unknown>>>> {
  const [client] = database.clients
  await makeOwner(database.url, client.id)
  const { server } = await startCountersign(stage, database)
  const origin = `http://127.0.0.1:${server.ports[0]}`
  const authorization = `Bearer ${await tokenOf(origin, client)}`
  const read = (path: string) => async () => {
    const answer = await fetch(`${origin}${path}`, { headers: { authorization } })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`)
    const { items = [] } = JSON.parse(text) as { readonly items?: readonly unknown[] }
    if (items.length > pageItemsMax) throw new Error(`${path}: ${items.length} items`)
  }
  const pages = Object.entries(pagesOf(place)).map(([what, path]) => [what, read(path)] as const)
  return Object.fromEntries(pages)
}

function pagesOf({
  organization,
  role,
  principal,
  binding,
}: Place): Readonly<Record<string, string>> {
  const own = `${apiBase}/organizations/${organization}`
  const accounts = `${own}/service-accounts`
  const bindings = `${own}/bindings`
  return {
    'accounts, first page': accounts,
    'accounts, from the middle': from(accounts, principal),
    'accounts, disabled ones': `${accounts}?enabled=false`,
    'granted roles, first page': bindings,
    'granted roles, from the middle': from(bindings, binding),
    'granted roles, of one role from the middle': from(bindings, binding, { role_id: role }),
    'granted roles, of an account': `${bindings}?principal_id=${principal}`,
    'effective access of an account': `${own}/principals/${principal}/effective-access`,
    'removal preview of an account': `${own}/principals/${principal}/removal-preview`,
  }
}

/** The page that follows this id: whoever reads all pages comes there. */
function from(path: string, id: string, query: Readonly<Record<string, string>> = {}): string {
  const page = pageDocument({ path, query }, { items: [], next: id }, String)
  return `${path}?${new URLSearchParams({ ...query, cursor: page.next_cursor ?? '' }).toString()}`
}

async function makeOwner(url: string, account: string): Promise<void> {
  const client = await connected(url)
  try {
    await client.query(
      `insert into binding (organization_id, id, role_id, principal_id, created_at, created_by_id,
         created_by_name)
       select account.organization_id, 'bnd_' || repeat('7', 26), role.id, account.id,
         account.created_at, 'bench', 'bench'
       from service_account account
       join role on role.organization_id = account.organization_id and role.built_in
         and role.name = $2
       where account.id = $1`,
      [account, builtInRoles.owner.name],
    )
  } finally {
    await client.end()
  }
}

async function tokenOf(origin: string, { id, secret }: BenchClient): Promise<string> {
  const credentials = Buffer.from(`${id}:${secret}`).toString('base64')
  const body = new URLSearchParams(grantOnly)
  body.set('resource', 'http://127.0.0.1/api')
  const headers = { authorization: `Basic ${credentials}` }
  const answer = await fetch(`${origin}/oauth2/token`, { method: 'POST', headers, body })
  const text = await answer.text()
  const { access_token: token } = JSON.parse(text) as { readonly access_token?: string }
  if (token === undefined) throw new Error(text)
  return token
}

import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type { NamedMember } from '../../../../src/domain/member.ts'
import { createSetupLink } from '../../../../src/management/setup.ts'
import { accepted, newMember, newOrganization } from '../../../management/desk.ts'
import { password, tokenOf } from '../../../management/people.ts'
import type { Answered, ApiHouse, Call, SignedInMember } from '../../../support/api.ts'

/** A server, and whoever is refused something there. */
export type Scene = {
  readonly api: ApiHouse
  readonly owner: SignedInMember
  readonly operator: SignedInMember
  /** The path of the organization that is the owner's. */
  readonly own: string
  /** What the setup of a second server in this one would send. */
  readonly setup: Readonly<Record<string, string>>
  /** How it was refused while there was no operator. */
  readonly setupBefore: Answered
}

/** Calls that are refused for one reason, and the answer to the last of them. */
export type Refused = (scene: Scene) => Promise<Answered>

export async function openScene(api: ApiHouse): Promise<Scene> {
  const desk = api.desk()
  const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
  const owner = await api.owned()
  const setup = { token, email: owner.email, name: 'Ada', password, organization_name: 'Engines' }
  const setupBefore = await api.nobody('POST', '/setup', setup)
  const { id: elsewhere } = await newOrganization(desk)
  const operator = await api.member(elsewhere, [], true)
  return { api, owner, operator, own: `/organizations/${owner.organization}`, setup, setupBefore }
}

/** What a call has made. */
export async function made(call: Call, path: string, body: object) {
  const answer = await call('POST', path, body)
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
  return answer.body
}

let namesGiven = 0
/** A name that nothing has. */
export function fresh(): string {
  namesGiven += 1
  return `thing ${namesGiven}`
}

export async function account({ owner, own }: Scene) {
  return made(owner.call, `${own}/service-accounts`, { name: fresh() })
}

export async function stranger({ api, owner }: Scene): Promise<NamedMember> {
  return newMember(api.desk(), owner.organization)
}

/** The id of the role of the owner's organization that is called so. */
export async function roleCalled({ owner, own }: Scene, name: string): Promise<string> {
  return (await owner.call('GET', `${own}/roles?name=${name}`)).body.items[0].id
}

/** Changes rows as no verb would, without what watches over them. */
export async function rawly({ api }: Scene, ...statements: RawBuilder<unknown>[]): Promise<void> {
  await api.db.management.transaction().execute(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx)
    for (const statement of statements) await statement.execute(tx)
  })
}

/** `1, 2, 3 …` as `n`. */
export function series(count: number): RawBuilder<unknown> {
  return sql`generate_series(1, ${sql.lit(count)}) as n`
}

/** When and by whom rows were made that nobody made. */
export const madeNow = sql`'2030-01-01T00:00:00Z', 'operator:ada', 'ada'`

import { createApplicationKey } from '../../src/management/application-keys.ts'
import { accepted, description } from '../management/desk.ts'
import { codeOf } from '../management/authenticator.ts'
import { givePassword } from '../management/people.ts'
import { done } from './call.ts'
import type { Make, Sample } from './samples.ts'
import type { Stage } from './stage.ts'
import type { SignedInMember, World } from './world.ts'
import { signIn } from './world.ts'

const there: Make = ({ ids: params }) => ({ params })
const totp = '/me/totp'

/** What uses up a session or what belongs to one person is done by somebody who is just like them. */
const byAnother =
  (make: (stage: Stage, another: SignedInMember) => Promise<Sample>, otherwise: Make): Make =>
  async (stage, person) => {
    const another = await person?.another?.()
    if (another === undefined) return otherwise(stage, person)
    return { caller: another.session, ...(await make(stage, another)) }
  }

const anyCode: Make = () => ({ body: { code: '000000' } })

/** A key of their own; for those who are no member here, one that is nowhere. */
const withOwnKey =
  (body?: object): Make =>
  async (stage, person) => {
    const { world, organization, ids } = stage
    const desk = world.desk()
    const ofKey = (key: string) => ({
      params: { ...ids, application_key_id: key },
      ...(body === undefined ? {} : { body }),
    })
    const lost: Make = () => ({
      ...ofKey(desk.random.id('application_key')),
      refused: 'application_key_unknown',
    })
    if (person?.place !== 'here') return lost(stage)
    const own = byAnother(async (_, { id: member }) => {
      const wanted = { organization, member, description: description('own') }
      return ofKey(accepted(await createApplicationKey(desk, desk.act, wanted)).key.id)
    }, lost)
    return own(stage, person)
  }

/** Good calls of the routes about oneself. */
export const ownSamples: Readonly<Record<string, Make>> = {
  signOut: byAnother(async () => ({}), there),
  endSession: byAnother(
    async ({ world }, { person }) => {
      const other = await signIn(world, person)
      const { id } = await done(world, other, { method: 'GET', path: '/session' })
      return { params: { session_id: id } }
    },
    ({ world }) => ({ params: { session_id: world.desk().random.id('session') } }),
  ),

  // Hashing is dear: one of them changes it, and the others are refused before.
  changePassword: async (stage, person) => {
    const [password, other] = ['correct horse battery staple', 'a trombone in the attic']
    if (person?.role !== 'owner' || person.place !== 'here') {
      const body = { current_password: password, password: 'short' }
      return { body, refused: 'password_too_short' }
    }
    return byAnother(async ({ world }, another) => {
      await givePassword(world.desk(), another)
      return { body: { current_password: password, password: other } }
    }, there)(stage, person)
  },
  beginTotp: byAnother(async () => ({}), there),
  confirmTotp: byAnother(
    async ({ world }, { session }) => ({ body: { code: await begunCode(world, session) } }),
    anyCode,
  ),
  removeTotp: byAnother(async ({ world }, { session }) => {
    const body = { code: await begunCode(world, session) }
    await done(world, session, { method: 'PUT', path: totp, body })
    return {}
  }, there),

  listApplicationKeys: there,
  createApplicationKey: ({ ids: params }) => ({ params, body: {} }),
  showApplicationKey: withOwnKey(),
  changeApplicationKey: withOwnKey({}),
  replaceApplicationKey: withOwnKey({}),
  removeApplicationKey: withOwnKey(),
}

async function begunCode(world: World, caller: SignedInMember['session']): Promise<string> {
  const { secret } = await done(world, caller, { method: 'POST', path: totp })
  return codeOf(secret, world.desk().act.at)
}

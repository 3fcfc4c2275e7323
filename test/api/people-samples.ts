import { newMember, newOrganization } from '../management/desk.ts'
import { freshEmail, freshInvitation } from './invitation.ts'
import type { Make } from './samples.ts'
import type { Stage } from './stage.ts'

const there: Make = ({ ids: params }) => ({ params })
const password = 'a horse that nobody rides'

/** A link that leads nowhere: who may send it is told that, and nobody else is told anything. */
const withLostLink =
  (more: object = {}): Make =>
  ({ ids: params, world }) => ({
    params,
    body: { token: world.desk().tokens.link(), ...more },
    refused: 'link_unknown',
  })

/** One's own keys are in no path that others share: application-keys.test.ts shows what becomes of them. */
const withLostKey =
  (body?: object): Make =>
  ({ ids, world }) => ({
    params: { ...ids, application_key_id: world.desk().random.id('application_key') },
    ...(body === undefined ? {} : { body }),
    refused: 'application_key_unknown',
  })

/** Good calls of the routes about people. */
export const peopleSamples: Readonly<Record<string, Make>> = {
  setUp: withLostLink({
    email: 'ada@example.com',
    name: 'Ada',
    password,
    organization_name: 'Acme',
  }),
  recover: withLostLink({ password }),
  lookAtInvitation: withLostLink(),
  acceptInvitation: withLostLink({ name: 'Ada', password }),

  signIn: () => ({ body: { email: freshEmail(), password }, refused: 'sign_in_refused' }),
  showSession: there,
  signOut: async (_, { signInAnew }) => {
    const caller = await signInAnew?.()
    return caller === undefined ? {} : { caller }
  },
  listSessions: there,
  endSession: ({ world, ids }) => ({
    params: { ...ids, session_id: world.desk().random.id('session') },
    refused: 'session_unknown',
  }),

  showMe: there,
  changePassword: () => ({
    body: { current_password: password, password: `${password} yet` },
    refused: 'password_mismatch',
  }),
  beginTotp: there,
  confirmTotp: () => ({ body: { code: '000000' }, refused: 'totp_mismatch' }),
  removeTotp: () => ({ refused: 'totp_unknown' }),

  listApplicationKeys: there,
  createApplicationKey: ({ ids: params }) => ({ params, body: {} }),
  showApplicationKey: withLostKey(),
  changeApplicationKey: withLostKey({}),
  replaceApplicationKey: withLostKey({}),
  removeApplicationKey: withLostKey(),

  listOperators: there,
  addOperator: async (stage) => ({ params: { person_id: await person(stage) } }),
  removeOperator: async (stage) => ({ params: { person_id: await person(stage, true) } }),

  listInvitations: there,
  createInvitation: ({ ids: params }) => ({ params, body: { email: freshEmail() } }),
  showInvitation: there,
  removeInvitation: async (stage) => ({
    params: { ...stage.ids, invitation_id: await freshInvitation(stage) },
  }),
}

async function person({ world }: Stage, isOperator = false) {
  const { id } = await newOrganization(world.desk())
  return (await newMember(world.desk(), id, isOperator)).person
}

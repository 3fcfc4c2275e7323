import { createRecoveryLink } from '../../src/management/recovery.ts'
import { createSetupLink } from '../../src/management/setup.ts'
import { accepted, newMember, newOrganization } from '../management/desk.ts'
import { newPerson, tokenOf, withoutOperators } from '../management/people.ts'
import { freshEmail, freshInvitation } from './invitation.ts'
import type { Make } from './samples.ts'
import type { Stage } from './stage.ts'

const there: Make = ({ ids: params }) => ({ params })
const password = 'correct horse battery staple'
const somebody = () => ({ email: freshEmail(), name: 'Ada', password })

/** A link that leads nowhere: who may send it is told that, and nobody else is told anything. */
const withLostLink =
  (more: object = {}): Make =>
  ({ ids: params, world }) => ({
    params,
    body: { token: world.desk().tokens.link(), ...more },
    refused: 'link_unknown',
  })

/**
 * Who they are counts for nothing where a link or a password does, and hashing is dear. So those who
 * come with nothing else have it done, and all others are refused for a link that leads nowhere.
 */
const forNobody =
  (real: Make, otherwise: Make): Make =>
  async (stage, person) =>
    person?.proof === 'none' ? real(stage, person) : otherwise(stage, person)

/** Good calls of the routes about people. */
export const peopleSamples: Readonly<Record<string, Make>> = {
  setUp: forNobody(
    async ({ world }) => {
      const desk = world.desk()
      const after = await withoutOperators(desk)
      const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
      return { body: { token, organization_name: 'Engines', ...somebody() }, after }
    },
    withLostLink({ organization_name: 'Acme', ...somebody() }),
  ),
  recover: forNobody(async ({ world, organization }) => {
    const desk = world.desk()
    const { id: member } = await newMember(desk, organization)
    const link = accepted(await createRecoveryLink(desk, desk.act, { organization, member }))
    return { body: { token: tokenOf(link), password } }
  }, withLostLink({ password })),
  lookAtSetupLink: forNobody(
    async ({ world }) => {
      const desk = world.desk()
      const after = await withoutOperators(desk)
      const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
      return { body: { token }, after }
    },
    ({ world }) => ({ body: { token: world.desk().tokens.link() }, refused: 'operator_exists' }),
  ),
  lookAtRecoveryLink: async ({ world, organization }) => {
    const desk = world.desk()
    const { id: member } = await newMember(desk, organization)
    const link = accepted(await createRecoveryLink(desk, desk.act, { organization, member }))
    return { body: { token: tokenOf(link) } }
  },
  lookAtInvitation: async (stage) => ({ body: { token: (await freshInvitation(stage)).token } }),
  acceptInvitation: async (stage, person) => {
    const { world, elsewhere: organization } = stage
    if (person?.proof === 'none') {
      const { token } = await freshInvitation({ world, organization })
      return { body: { token, name: 'Ada', password } }
    }
    const another = await person?.another?.()
    if (another === undefined) return withLostLink({ name: 'Ada', password })(stage)
    const { token } = await freshInvitation({ world, organization }, another.email)
    return { caller: another.session, body: { token } }
  },

  signIn: forNobody(
    async ({ world, organization }) => {
      const { email } = await newPerson(world.desk(), organization)
      return { body: { email, password } }
    },
    ({ world: { house } }) => {
      // The same for all, or the whole network would be limited.
      const email = 'limited@example.com'
      for (const network of ['127.0.0.1', '::1']) {
        while (house.management.signIns.begin({ email, network }) === undefined);
      }
      return { body: { email, password }, refused: 'sign_in_limited' }
    },
  ),
  showSession: there,
  listSessions: there,
  showMe: there,

  listOperators: there,
  addOperator: async (stage) => ({ params: { person_id: await newcomer(stage) } }),
  removeOperator: async (stage) => ({ params: { person_id: await newcomer(stage, true) } }),

  listInvitations: there,
  createInvitation: ({ ids: params }) => ({ params, body: { email: freshEmail() } }),
  showInvitation: there,
  removeInvitation: async (stage) => ({
    params: { ...stage.ids, invitation_id: (await freshInvitation(stage)).id },
  }),
}

async function newcomer({ world }: Stage, isOperator = false) {
  const { id } = await newOrganization(world.desk())
  return (await newMember(world.desk(), id, isOperator)).person
}

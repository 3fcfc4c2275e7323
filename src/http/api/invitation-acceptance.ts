import { z } from '@hono/zod-openapi'
import type { Name } from '../../domain/name.ts'
import { decidePassword } from '../../domain/password.ts'
import type { Result } from '../../domain/result.ts'
import { accept, refuse } from '../../domain/result.ts'
import { isoText } from '../../domain/time.ts'
import type { Acceptance } from '../../management/invitation-acceptance.ts'
import { acceptInvitation, lookAtInvitation } from '../../management/invitation-acceptance.ts'
import type { Circumstances } from '../../management/people.ts'
import type { ApiPorts } from './ports.ts'
import type { CallRefusal } from './problems/problem-table.ts'
import type { ApiRoute } from './route.ts'
import { route } from './route.ts'
import { momentText, nameField, nameText } from './schemas/fields.ts'
import {
  emailText,
  linkTokenField,
  memberDocument,
  memberSchema,
  passwordField,
} from './schemas/people-fields.ts'
import { passwordRefusals } from './setup.ts'

const tag = 'Invitations'

const look = route({
  operationId: 'lookAtInvitation',
  method: 'post',
  path: '/invitations/look',
  needs: 'nobody',
  tag,
  summary: 'Look at an invitation',
  description: 'What it is, for whoever has the link. It is not used up by it.',
  body: z.strictObject({ token: linkTokenField }),
  status: 200,
  answer: z.strictObject({
    email: emailText,
    organization_name: nameText,
    invited_by: z.string().openapi({
      description: 'The name of whoever invites, or `an operator` of this server.',
    }),
    role_names: z.array(nameText),
    group_names: z.array(nameText),
    expires_at: momentText,
    sign_in_needed: z.boolean().openapi({
      description: 'Whether somebody has this email: then they sign in to accept.',
    }),
  }),
  refusals: ['link_unknown'],
  handle: async ({ ports, circumstances, body }) => {
    const outcome = await lookAtInvitation(ports, circumstances, body.token)
    if (!outcome.ok) return outcome
    const { invitation, organization, roles, groups, isKnown } = outcome.value
    return accept({
      body: {
        email: invitation.email,
        organization_name: organization,
        invited_by: inviterText(invitation.createdBy),
        role_names: [...roles],
        group_names: [...groups],
        expires_at: isoText(invitation.expiresAt),
        sign_in_needed: isKnown,
      },
    })
  },
})

const ofSomebodyNew = {
  token: 'cln_…',
  name: 'Ada Lovelace',
  password: 'a trombone in the attic',
}

const accepting = route({
  operationId: 'acceptInvitation',
  method: 'post',
  path: '/invitations/accept',
  needs: 'nobody',
  tag,
  summary: 'Accept an invitation',
  description:
    'Somebody new gives a name and a password; whoever is known is signed in, and gives neither.',
  body: z
    .strictObject({
      token: linkTokenField,
      name: nameField.optional(),
      password: passwordField.optional(),
    })
    .openapi({ example: ofSomebodyNew }),
  status: 201,
  answer: memberSchema,
  refusals: [
    'link_unknown',
    'invitation_lapsed',
    'invitation_of_another',
    'sign_in_needed',
    'session_needed',
    'member_exists',
    ...passwordRefusals,
  ],
  handle: async ({ ports, act, circumstances, body: { token, name, password: chosen } }) => {
    if (name === undefined || chosen === undefined) {
      if (act === undefined)
        return whyNobody(ports, circumstances, { token, name, password: chosen })
      const known = await acceptInvitation(ports, circumstances, { token, by: act.actor })
      return known.ok ? accept({ body: memberDocument(known.value) }) : known
    }
    const password = decidePassword(chosen)
    if (!password.ok) return password
    const by = { name, password: password.value }
    const outcome = await acceptInvitation(ports, circumstances, { token, by })
    return outcome.ok ? accept({ body: memberDocument(outcome.value) }) : outcome
  },
})

export const invitationAcceptanceRoutes: readonly ApiRoute[] = [look, accepting]

type Newcomer = Pick<Acceptance, 'token'> & {
  readonly name: Name | undefined
  readonly password: string | undefined
}

/** Why whoever is not signed in and does not say who they are is nobody who could accept. */
async function whyNobody(
  ports: ApiPorts,
  circumstances: Circumstances,
  { token, ...said }: Newcomer,
): Promise<Result<never, CallRefusal>> {
  const seen = await lookAtInvitation(ports, circumstances, token)
  if (!seen.ok) return seen
  if (seen.value.isKnown) return refuse({ reason: 'sign_in_needed' })
  const problem = 'is needed: nobody here has this email yet'
  const places = (['name', 'password'] as const)
    .filter((member) => said[member] === undefined)
    .map((member) => ({ in: 'body', at: `/${member}`, problem }) as const)
  return refuse({ reason: 'request_malformed', places })
}

/** Beside the database an operator is the name of a login, such as root: nobody is invited by that. */
function inviterText({ id, name }: { readonly id: string; readonly name: string }): string {
  return id.startsWith('operator:') ? 'an operator' : name
}

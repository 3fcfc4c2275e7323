import { z } from '@hono/zod-openapi'
import type { Actor } from '../../domain/audit.ts'
import { isOperator } from '../../domain/authority.ts'
import { decidePassword, readPassword } from '../../domain/password.ts'
import { accept } from '../../domain/result.ts'
import { listOwnMemberships } from '../../management/members.ts'
import { changePassword } from '../../management/passwords.ts'
import { beginTotp, confirmTotp, removeTotp } from '../../management/totp.ts'
import { idText, nameText } from './schemas/fields.ts'
import { codeField, passwordField, shownText } from './schemas/people-fields.ts'
import type { ApiRoute } from './route.ts'
import { nothing, route } from './route.ts'
import { cookieOf, ownSession, ownSessionSchema } from './sessions.ts'
import { passwordRefusals } from './setup.ts'

const tag = 'Yourself'

const me = route({
  operationId: 'showMe',
  method: 'get',
  path: '/me',
  needs: 'authenticated',
  tag,
  summary: 'Show who you are',
  description: 'To this server: a person who is signed in, or whoever a token was issued for.',
  status: 200,
  answer: z
    .strictObject({
      type: z.enum(['person', 'member', 'service_account', 'operator']),
      id: z.string(),
      name: z.string(),
      is_operator: z.boolean(),
      organization_id: idText('organization').nullable(),
      memberships: z
        .array(
          z.strictObject({
            organization_id: idText('organization'),
            organization_name: nameText,
            member_id: idText('member'),
          }),
        )
        .openapi({
          description:
            'Of a person: where they are a member. Of an application key: the place it acts in.',
        }),
    })
    .openapi('Me'),
  refusals: [],
  handle: async ({ ports, act }) => {
    const memberships = await listOwnMemberships(ports, act)
    const { actor } = act
    return accept({
      body: {
        type: typeOf(actor),
        id: actor.id,
        name: actor.name,
        is_operator: isOperator(actor),
        organization_id: 'organization' in actor ? actor.organization : null,
        memberships: memberships.map(({ organization, organizationName, member }) => ({
          organization_id: organization,
          organization_name: organizationName,
          member_id: member,
        })),
      },
    })
  },
})

function typeOf({ type }: Actor) {
  return type === 'person' || type === 'member' || type === 'service_account' ? type : 'operator'
}

const password = route({
  operationId: 'changePassword',
  method: 'put',
  path: '/me/password',
  needs: 'session',
  tag,
  summary: 'Change your password',
  description:
    'Your other sessions end. This one goes on under a new id, cookie and CSRF token, which are in the answer.',
  body: z.strictObject({
    current_password: shownText.openapi({ format: 'password' }),
    password: passwordField,
  }),
  status: 200,
  answer: ownSessionSchema,
  refusals: ['password_mismatch', 'sign_in_limited', ...passwordRefusals],
  handle: async ({ ports, act, signedIn: { person }, body }) => {
    const chosen = decidePassword(body.password)
    if (!chosen.ok) return chosen
    const current = readPassword(body.current_password)
    const outcome = await changePassword(ports, act, { current, password: chosen.value })
    if (!outcome.ok) return outcome
    const renewed = { ...outcome.value, person }
    return accept({ body: ownSession(ports, renewed), cookie: cookieOf(renewed, act.at) })
  },
})

const begin = route({
  operationId: 'beginTotp',
  method: 'post',
  path: '/me/totp',
  needs: 'session',
  tag,
  summary: 'Begin to use an authenticator',
  description:
    'It counts once `confirmTotp` was shown a code of it. The secret is shown this once.',
  status: 201,
  answer: z
    .strictObject({
      secret: z.string().openapi({ description: 'In base32, to be typed. RFC 6238.' }),
      uri: z.string().openapi({ description: 'The same as a QR code has it.' }),
    })
    .openapi('BegunTotp'),
  refusals: ['totp_exists', 'sign_in_too_old'],
  handle: async ({ ports, act }) => {
    const outcome = await beginTotp(ports, act)
    return outcome.ok ? accept({ body: outcome.value }) : outcome
  },
})

const confirm = route({
  operationId: 'confirmTotp',
  method: 'put',
  path: '/me/totp',
  needs: 'session',
  tag,
  summary: 'Confirm an authenticator',
  description: 'From now on a code goes with your password. Your other sessions end.',
  body: z.strictObject({ code: codeField }),
  status: 204,
  answer: nothing,
  refusals: ['totp_unknown', 'totp_exists', 'totp_mismatch', 'sign_in_limited'],
  handle: async ({ ports, act, body }) => {
    const outcome = await confirmTotp(ports, act, body.code)
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

const remove = route({
  operationId: 'removeTotp',
  method: 'delete',
  path: '/me/totp',
  needs: 'session',
  tag,
  summary: 'Remove your authenticator',
  description: 'Your password alone signs you in again. Your other sessions end.',
  status: 204,
  answer: nothing,
  refusals: ['totp_unknown', 'sign_in_too_old'],
  handle: async ({ ports, act }) => {
    const outcome = await removeTotp(ports, act)
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const meRoutes: readonly ApiRoute[] = [me, password, begin, confirm, remove]

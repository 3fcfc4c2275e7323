import { z } from '@hono/zod-openapi'
import { decidePassword } from '../../domain/password.ts'
import { accept } from '../../domain/result.ts'
import { lookAtRecoveryLink, recover } from '../../management/recovery.ts'
import { lookAtSetupLink, setUp } from '../../management/setup.ts'
import { isoText } from '../../domain/time.ts'
import { momentText, nameField, nameText } from './schemas/fields.ts'
import {
  emailField,
  emailText,
  linkTokenField,
  memberDocument,
  memberSchema,
  passwordField,
} from './schemas/people-fields.ts'
import type { ApiRoute } from './route.ts'
import { route } from './route.ts'

const tag = 'Coming in'

export const passwordRefusals = [
  'password_too_short',
  'password_too_long',
  'password_common',
  'password_personal',
  'password_malformed',
] as const

const setup = route({
  operationId: 'setUp',
  method: 'post',
  path: '/setup',
  needs: 'nobody',
  tag,
  summary: 'Set the server up',
  description:
    'Uses a setup link: makes the first operator, and makes them the Owner of an organization.',
  body: z.strictObject({
    token: linkTokenField,
    email: emailField,
    name: nameField,
    password: passwordField,
    organization_name: nameField.openapi({
      description: 'A new organization, or one that is there already and has no Owner.',
    }),
  }),
  status: 201,
  answer: z.strictObject({ member: memberSchema, organization_name: nameText }),
  refusals: [
    'link_unknown',
    'operator_exists',
    'person_exists',
    'organization_name_taken',
    ...passwordRefusals,
  ],
  handle: async ({ ports, circumstances, body }) => {
    const password = decidePassword(body.password)
    if (!password.ok) return password
    const { token, email, name, organization_name: organization } = body
    const input = { token, email, name, password: password.value, organization }
    const outcome = await setUp(ports, circumstances, input)
    if (!outcome.ok) return outcome
    const { member, organization: made } = outcome.value
    return accept({ body: { member: memberDocument(member), organization_name: made.name } })
  },
})

const lookAtSetup = route({
  operationId: 'lookAtSetupLink',
  method: 'post',
  path: '/setup/look',
  needs: 'nobody',
  tag,
  summary: 'Look at a setup link',
  description: 'Whether it still opens something, for whoever has it. It is not used up by it.',
  body: z.strictObject({ token: linkTokenField }),
  status: 200,
  answer: z.strictObject({ expires_at: momentText }),
  refusals: ['link_unknown', 'operator_exists'],
  handle: async ({ ports, circumstances, body }) => {
    const outcome = await lookAtSetupLink(ports, circumstances, body.token)
    return outcome.ok ? accept({ body: { expires_at: isoText(outcome.value.expiresAt) } }) : outcome
  },
})

const lookAtRecovery = route({
  operationId: 'lookAtRecoveryLink',
  method: 'post',
  path: '/recovery/look',
  needs: 'nobody',
  tag,
  summary: 'Look at a recovery link',
  description: 'Whose password it lets choose, for whoever has the link. It is not used up by it.',
  body: z.strictObject({ token: linkTokenField }),
  status: 200,
  answer: z.strictObject({ email: emailText, name: nameText, expires_at: momentText }),
  refusals: ['link_unknown'],
  handle: async ({ ports, circumstances, body }) => {
    const outcome = await lookAtRecoveryLink(ports, circumstances, body.token)
    if (!outcome.ok) return outcome
    const { email, name, expiresAt } = outcome.value
    return accept({ body: { email, name, expires_at: isoText(expiresAt) } })
  },
})

const recovery = route({
  operationId: 'recover',
  method: 'post',
  path: '/recovery',
  needs: 'nobody',
  tag,
  summary: 'Choose a new password',
  description: 'Uses a recovery link. Every session ends, and a second factor is taken away.',
  body: z.strictObject({ token: linkTokenField, password: passwordField }),
  status: 200,
  answer: z.strictObject({ email: emailText, name: nameText }),
  refusals: ['link_unknown', 'link_lapsed', ...passwordRefusals],
  handle: async ({ ports, circumstances, body: { token, password: chosen } }) => {
    const password = decidePassword(chosen)
    if (!password.ok) return password
    const outcome = await recover(ports, circumstances, { token, password: password.value })
    if (!outcome.ok) return outcome
    const { email, name } = outcome.value
    return accept({ body: { email, name } })
  },
})

export const setupRoutes: readonly ApiRoute[] = [lookAtSetup, setup, lookAtRecovery, recovery]

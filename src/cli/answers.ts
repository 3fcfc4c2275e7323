import { z } from 'zod'

// What the commands read in the answers of the management API. They keep what they do not know of, so
// that a newer server can say more, and a script gets the whole answer.

const created = {
  created_at: z.string(),
  created_by: z.looseObject({ id: z.string(), name: z.string() }),
}

const end = z.string().nullable()

/** Whoever calls, to the server. */
export const meAnswer = z.looseObject({
  type: z.string(),
  id: z.string(),
  name: z.string(),
  is_operator: z.boolean(),
  organization_id: z.string().nullable(),
})

export const organizationAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  default_audience: z.string().nullable(),
  ...created,
})

export const audienceApprovalAnswer = z.looseObject({
  id: z.string(),
  organization_id: z.string(),
  audience: z.string(),
  ...created,
})

export const accountAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  expires_at: end,
  token_lifetime_seconds: z.int().nullable(),
  ...created,
})

export const credentialAnswer = z.looseObject({
  id: z.string(),
  client_id: z.string(),
  name: z.string(),
  handle: z.string().nullable(),
  enabled: z.boolean(),
  expires_at: end,
  ...created,
})

/** The only answer with a secret in it, unless the caller made that. */
export const createdCredentialAnswer = credentialAnswer.extend({
  client_secret: z.string().optional(),
})

export const groupAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  ...created,
})

export const groupMemberAnswer = z.looseObject({
  id: z.string(),
  type: z.string(),
  name: z.string().nullable(),
})

export const roleAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  built_in: z.boolean(),
  permissions: z.array(z.looseObject({ audience: z.string(), permissions: z.array(z.string()) })),
  ...created,
})

export const bindingAnswer = z.looseObject({
  id: z.string(),
  role_id: z.string(),
  role_name: z.string(),
  principal_id: z.string().nullable(),
  group_id: z.string().nullable(),
  subject_name: z.string().nullable(),
  resource: z.string().nullable(),
  expires_at: end,
  ...created,
})

export const apiAnswer = z.looseObject({
  id: z.string(),
  audience: z.string(),
  name: z.string(),
  built_in: z.boolean(),
  application_keys: z.boolean(),
  token_lifetime_seconds: z.int(),
  signing_alg: z.string(),
  signing_alg_before: z.string().nullable(),
  permissions: z.array(z.looseObject({ permission: z.string(), description: z.string() })),
  ...created,
})

const path = z.looseObject({
  role_name: z.string(),
  group_name: z.string().nullable(),
  expires_at: end,
})

export const accessAnswer = z.looseObject({
  principal_type: z.string(),
  access: z.array(
    z.looseObject({
      audience: z.string(),
      permissions: z.array(
        z.looseObject({
          permission: z.string(),
          resource: z.string().nullable(),
          paths: z.array(path),
        }),
      ),
    }),
  ),
})

export const removalPreviewAnswer = z.looseObject({
  principal_id: z.string(),
  principal_type: z.string(),
  principal_name: z.string().nullable(),
  enabled: z.boolean(),
  expires_at: end,
  credentials: z.array(credentialAnswer),
  application_keys: z.array(
    z.looseObject({
      id: z.string(),
      enabled: z.boolean(),
      expires_at: end,
      created_at: z.string(),
    }),
  ),
  sessions: z.int(),
  groups: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  bindings: z.array(bindingAnswer),
  held_by_nobody_else: z.array(
    z.looseObject({
      audience: z.string(),
      permission: z.string(),
      resource: z.string().nullable(),
    }),
  ),
  is_last_owner: z.boolean(),
  tokens_end_by: end,
})

/** Of the member that looks at their own. */
export const applicationKeyAnswer = z.looseObject({
  id: z.string(),
  description: z.string(),
  handle: z.string(),
  enabled: z.boolean(),
  expires_at: end,
  ...created,
})

export const memberAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  ...created,
})

/** A link by which somebody comes in is shown in the answer that makes it, and in no other. */
export const createdLinkAnswer = z.looseObject({
  link: z.string().nullable(),
  expires_at: z.string(),
})

export const invitationAnswer = z.looseObject({
  id: z.string(),
  email: z.string(),
  role_ids: z.array(z.string()),
  group_ids: z.array(z.string()),
  expires_at: z.string(),
  ...created,
})

export const createdInvitationAnswer = invitationAnswer.extend({ link: z.string().nullable() })

/** `null` in the place of an entry that was damaged. */
export const auditEntryAnswer = z.looseObject({
  hash: z.string(),
  entry: z
    .looseObject({
      sequence: z.int(),
      at: z.string(),
      kind: z.string(),
      actor: z.looseObject({ id: z.string(), name: z.string() }),
      target: z.looseObject({ id: z.string(), name: z.string().optional() }),
    })
    .nullable(),
})

/** A page of a list of these. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.looseObject({ items: z.array(item), next_cursor: z.string().nullable() })
}

export type AudienceApprovalAnswer = z.output<typeof audienceApprovalAnswer>
export type OrganizationAnswer = z.output<typeof organizationAnswer>
export type AccountAnswer = z.output<typeof accountAnswer>
export type CredentialAnswer = z.output<typeof credentialAnswer>
export type GroupAnswer = z.output<typeof groupAnswer>
export type GroupMemberAnswer = z.output<typeof groupMemberAnswer>
export type RoleAnswer = z.output<typeof roleAnswer>
export type BindingAnswer = z.output<typeof bindingAnswer>
export type RemovalPreviewAnswer = z.output<typeof removalPreviewAnswer>
export type AccessAnswer = z.output<typeof accessAnswer>
export type ApiAnswer = z.output<typeof apiAnswer>
export type MemberAnswer = z.output<typeof memberAnswer>
export type InvitationAnswer = z.output<typeof invitationAnswer>
export type AuditEntryAnswer = z.output<typeof auditEntryAnswer>
export type CreatedCredentialAnswer = z.output<typeof createdCredentialAnswer>

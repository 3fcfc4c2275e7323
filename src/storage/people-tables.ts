import type { Phc } from '../domain/credential.ts'
import type {
  ApplicationKeyId,
  GroupId,
  InvitationId,
  MemberId,
  OrganizationId,
  PersonId,
  RoleId,
  SessionId,
} from '../domain/id.ts'
import type { Description, Name } from '../domain/name.ts'
import type { Email } from '../domain/person.ts'
import type { SecretHandle } from '../domain/secret.ts'
import type { TotpStep } from '../domain/totp.ts'
import type { Created, Moment, MomentOrNull, Versioned } from './columns.ts'

/** The rows about people: how they prove who they are, and their place in organizations. */
export type PeopleTables = {
  person: Created & {
    id: PersonId
    email: Email
    name: Name
    is_operator: boolean
  }
  person_password: { person_id: PersonId; hash: Phc; changed_at: Moment }
  person_totp: {
    person_id: PersonId
    sealed_secret: string
    key_encryption_key_id: string
    begun_at: Moment
    confirmed_at: MomentOrNull
    last_step: TotpStep
  }
  application_key: Created &
    Versioned & {
      organization_id: OrganizationId
      id: ApplicationKeyId
      member_id: MemberId
      description: Description
      handle: SecretHandle
      hash: Phc
      disabled_at: MomentOrNull
      expires_at: MomentOrNull
    }
  member: Created & { organization_id: OrganizationId; id: MemberId; person_id: PersonId }
  invitation: Created & {
    organization_id: OrganizationId
    id: InvitationId
    email: Email
    token_hash: Uint8Array
    expires_at: Moment
  }
  invitation_role: {
    organization_id: OrganizationId
    invitation_id: InvitationId
    role_id: RoleId
  }
  invitation_group: {
    organization_id: OrganizationId
    invitation_id: InvitationId
    group_id: GroupId
  }
  link: Created & {
    kind: 'setup' | 'recovery'
    person_id: PersonId | null
    token_hash: Uint8Array
    expires_at: Moment
  }
  session: {
    id: SessionId
    person_id: PersonId
    token_hash: Uint8Array
    created_at: Moment
    last_seen_at: Moment
    ends_at: Moment
    network: string
    user_agent: string
  }
}

import type { Api } from '../../../domain/api.ts'
import type { ApplicationKey } from '../../../domain/application-key.ts'
import type { Created } from '../../../domain/created.ts'
import type { CredentialRecord } from '../../../domain/credential.ts'
import type { Group } from '../../../domain/group.ts'
import { absoluteAudience } from '../../../domain/management-permission.ts'
import type { Organization } from '../../../domain/organization.ts'
import type { Role } from '../../../domain/role.ts'
import type { ServiceAccount } from '../../../domain/service-account.ts'
import type { NumericDate } from '../../../domain/time.ts'
import { isoText } from '../../../domain/time.ts'
import type { GroupMember, NamedBinding } from '../../../management/ports.ts'

// The nouns as JSON: snake_case, dates as in RFC 3339, `null` for what there is not. Ids stand flat,
// so that whoever sent a thing finds what it sent in what it reads.

/** A value that can be written as JSON. */
export type Document =
  | string
  | number
  | boolean
  | null
  | readonly Document[]
  | { readonly [name: string]: Document }

export function organizationDocument(organization: Organization) {
  return {
    id: organization.id,
    name: organization.name,
    enabled: organization.enabled,
    default_audience: organization.defaultAudience ?? null,
    ...created(organization),
  }
}

export function accountDocument(account: ServiceAccount) {
  return {
    id: account.id,
    client_id: account.id,
    organization_id: account.organization,
    name: account.name,
    description: account.description,
    enabled: account.enabled,
    expires_at: moment(account.expiresAt),
    token_lifetime_seconds: account.tokenLifetime ?? null,
    ...created(account),
  }
}

/** Without the secret: only the answer that creates it has that. */
export function credentialDocument(credential: CredentialRecord) {
  return {
    id: credential.id,
    client_id: credential.principal,
    kind: credential.kind,
    name: credential.name,
    handle: credential.handle ?? null,
    enabled: credential.enabled,
    expires_at: moment(credential.expiresAt),
    ...created(credential),
  }
}

/** Without the secret: only the answer that creates it has that. */
export function applicationKeyDocument(key: ApplicationKey) {
  return {
    id: key.id,
    client_id: key.id,
    organization_id: key.organization,
    description: key.description,
    handle: key.handle,
    enabled: key.enabled,
    expires_at: moment(key.expiresAt),
    ...created(key),
  }
}

/** `issuer` is what audiences that are relative to it begin with, in all documents. */
export function apiDocument(issuer: string, api: Api) {
  return {
    id: api.id,
    organization_id: api.organization,
    audience: absoluteAudience(issuer, api.audience),
    name: api.name,
    built_in: api.builtIn,
    token_lifetime_seconds: api.tokenLifetime,
    signing_alg: api.signingAlg,
    signing_alg_before: api.signingAlgBefore ?? null,
    application_keys: api.applicationKeys,
    permissions: api.permissions.map(({ permission, description }) => ({
      permission,
      description,
    })),
    ...created(api),
  }
}

export function roleDocument(issuer: string, role: Role) {
  return {
    id: role.id,
    organization_id: role.organization,
    name: role.name,
    description: role.description,
    built_in: role.builtIn,
    permissions: [...role.permissions].map(([audience, permissions]) => ({
      audience: absoluteAudience(issuer, audience),
      permissions: [...permissions],
    })),
    ...created(role),
  }
}

export function groupDocument(group: Group) {
  return {
    id: group.id,
    organization_id: group.organization,
    name: group.name,
    description: group.description,
    ...created(group),
  }
}

/** A principal as one of a group. */
export function groupMemberDocument({ id, kind, name }: GroupMember) {
  return { id, type: kind, name: name ?? null }
}

export function bindingDocument(binding: NamedBinding) {
  const { subject, subjectName } = binding
  return {
    id: binding.id,
    organization_id: binding.organization,
    role_id: binding.role,
    role_name: binding.roleName,
    principal_id: subject.type === 'principal' ? subject.id : null,
    group_id: subject.type === 'group' ? subject.id : null,
    subject_name: subjectName ?? null,
    resource: binding.resource ?? null,
    expires_at: moment(binding.expiresAt),
    ...created(binding),
  }
}

export function created({ createdAt, createdBy }: Created) {
  return {
    created_at: isoText(createdAt),
    created_by: { id: createdBy.id, name: createdBy.name },
  }
}

export function moment(date: NumericDate | undefined): string | null {
  return date === undefined ? null : isoText(date)
}

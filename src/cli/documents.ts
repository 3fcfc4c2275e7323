import type { Access, HeldRole, Path } from '../domain/access.ts'
import type { Api } from '../domain/api.ts'
import type { Created } from '../domain/created.ts'
import type { CredentialRecord } from '../domain/credential.ts'
import type { Group } from '../domain/group.ts'
import type { Organization } from '../domain/organization.ts'
import type { Role } from '../domain/role.ts'
import type { ServiceAccount } from '../domain/service-account.ts'
import type { NumericDate } from '../domain/time.ts'
import { isoText } from '../domain/time.ts'
import type { NamedBinding } from '../storage/bindings.ts'
import type { GroupMember } from '../storage/groups.ts'
import type { Page } from '../storage/page.ts'
import type { Document } from './command.ts'

// The nouns as JSON for scripts: snake_case, dates in ISO 8601, `null` for what there is not.

type DocumentObject = { readonly [name: string]: Document }

export function organizationDocument(organization: Organization): DocumentObject {
  return {
    id: organization.id,
    name: organization.name,
    enabled: organization.enabled,
    default_audience: organization.defaultAudience ?? null,
    ...created(organization),
  }
}

export function accountDocument(account: ServiceAccount): DocumentObject {
  return {
    id: account.id,
    client_id: account.id,
    organization: account.organization,
    name: account.name,
    description: account.description,
    enabled: account.enabled,
    expires_at: moment(account.expiresAt),
    token_lifetime_seconds: account.tokenLifetime ?? null,
    ...created(account),
  }
}

/** Without the secret: only the answer that creates it has that. */
export function secretDocument(credential: CredentialRecord): DocumentObject {
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

export function apiDocument(api: Api): DocumentObject {
  return {
    id: api.id,
    organization: api.organization,
    audience: api.audience,
    name: api.name,
    token_lifetime_seconds: api.tokenLifetime,
    signing_alg: api.signingAlg,
    signing_alg_before: api.signingAlgBefore ?? null,
    permissions: api.permissions.map(({ permission, description }) => ({
      permission,
      description,
    })),
    ...created(api),
  }
}

export function roleDocument(role: Role): DocumentObject {
  return {
    id: role.id,
    organization: role.organization,
    name: role.name,
    description: role.description,
    built_in: role.builtIn,
    permissions: [...role.permissions].map(([audience, permissions]) => ({
      audience,
      permissions,
    })),
    ...created(role),
  }
}

export function groupDocument(group: Group): DocumentObject {
  return {
    id: group.id,
    organization: group.organization,
    name: group.name,
    description: group.description,
    ...created(group),
  }
}

export function memberDocument({ id, kind, name }: GroupMember): DocumentObject {
  return { id, type: kind, name: name ?? null }
}

export function bindingDocument(binding: NamedBinding): DocumentObject {
  const { subject, subjectName } = binding
  return {
    id: binding.id,
    organization: binding.organization,
    role: { id: binding.role, name: binding.roleName },
    [subject.type]: { id: subject.id, name: subjectName ?? null },
    resource: binding.resource ?? null,
    expires_at: moment(binding.expiresAt),
    ...created(binding),
  }
}

export function accessDocument({ audience, roles, details, groups }: Access): DocumentObject {
  return {
    audience,
    roles: roles.map(heldDocument),
    authorization_details: details.map((detail) => ({
      ...heldDocument(detail),
      resource: detail.resource,
    })),
    groups,
  }
}

/** One page of a list, and where the next one begins. */
export function pageDocument<Item>(
  name: string,
  { items, next }: Page<Item, string>,
  document: (item: Item) => Document,
): DocumentObject {
  return { [name]: items.map(document), next: next ?? null }
}

function heldDocument({ name, permissions, paths }: HeldRole): DocumentObject {
  return { role: name, permissions, paths: paths.map(pathDocument) }
}

function pathDocument({ binding, group, expiresAt }: Path): DocumentObject {
  return {
    binding,
    group: group === undefined ? null : { id: group.id, name: group.name },
    expires_at: moment(expiresAt),
  }
}

function created({ createdAt, createdBy }: Created): DocumentObject {
  return {
    created_at: isoText(createdAt),
    created_by: { id: createdBy.id, name: createdBy.name },
  }
}

function moment(date: NumericDate | undefined): string | null {
  return date === undefined ? null : isoText(date)
}

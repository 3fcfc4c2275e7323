import type { Path } from '../../../domain/access.ts'
import { heldRights } from '../../../domain/access.ts'
import { absoluteAudience } from '../../../domain/management-permission.ts'
import { isoText } from '../../../domain/time.ts'
import type { EffectiveAccess } from '../../../management/access.ts'
import type { RemovalPreview } from '../../../management/removal-preview.ts'
import { bindingDocument, credentialDocument, moment } from './documents.ts'

/** What a principal may do at each API where it may do anything, and why. */
export function effectiveAccessDocument(issuer: string, { principal, access }: EffectiveAccess) {
  return {
    ...principalMembers(principal),
    access: access.map((one) => ({
      audience: absoluteAudience(issuer, one.audience),
      groups: [...one.groups],
      permissions: heldRights(one).map(({ permission, resource, endsAt, paths }) => ({
        permission,
        resource: resource ?? null,
        expires_at: moment(endsAt),
        paths: paths.map(pathDocument),
      })),
    })),
  }
}

export function removalPreviewDocument(issuer: string, preview: RemovalPreview) {
  return {
    ...principalMembers(preview.principal),
    credentials: preview.credentials.map(credentialDocument),
    application_keys: preview.applicationKeys.map(({ id, enabled, expiresAt, createdAt }) => ({
      id,
      enabled,
      expires_at: moment(expiresAt),
      created_at: isoText(createdAt),
    })),
    sessions: preview.sessions,
    groups: preview.groups.map(({ id, name }) => ({ id, name })),
    bindings: preview.bindings.map(bindingDocument),
    held_by_nobody_else: preview.heldByNobodyElse.map(({ audience, permission, resource }) => ({
      audience: absoluteAudience(issuer, audience),
      permission,
      resource: resource ?? null,
    })),
    is_last_owner: preview.isLastOwner,
    tokens_end_by: moment(preview.tokensEndBy),
  }
}

function principalMembers({ id, kind, name, enabled, expiresAt }: EffectiveAccess['principal']) {
  return {
    principal_id: id,
    principal_type: kind,
    principal_name: name ?? null,
    enabled,
    expires_at: moment(expiresAt),
  }
}

function pathDocument({ binding, role, group, expiresAt }: Path) {
  return {
    binding_id: binding,
    role_id: role.id,
    role_name: role.name,
    group_id: group?.id ?? null,
    group_name: group?.name ?? null,
    expires_at: moment(expiresAt),
  }
}

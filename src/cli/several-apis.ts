import { parseId } from '../domain/id.ts'
import { managementApi } from '../domain/management-permission.ts'
import { effectiveAccessOf } from '../management/access.ts'
import { showOrganization } from '../management/organizations.ts'
import type { OrganizationDesk } from './command.ts'

/**
 * Warns of an account that reaches several APIs where none is the default: a client that names no
 * resource is refused from then on, though it was given more than before. The management API is
 * never meant by such a client.
 */
export async function severalApisText(
  { house, act, organization: id }: OrganizationDesk,
  holder: string,
): Promise<string> {
  const account = parseId('service_account', holder)
  // Members get no tokens, and a group reaches nothing by itself.
  if (account === undefined) return ''
  const organization = await showOrganization(house, id)
  if (!organization.ok || organization.value.defaultAudience !== undefined) return ''
  const place = { organization: id, principal: account }
  const access = await effectiveAccessOf(house, place, { now: act.at })
  if (!access.ok) return ''
  const reached = access.value.access.filter(
    ({ audience, roles, details }) =>
      audience !== managementApi.audience && roles.length + details.length > 0,
  )
  if (reached.length < 2) return ''
  return `\nThis account can reach ${reached.length} APIs and none is the default: a client that names no resource gets no token.\nLet it name one, or run countersign organization change ${JSON.stringify(organization.value.name)} --default-api <api>.\n`
}

import { managementAudience } from '../domain/management-permission.ts'
import { accessAnswer, organizationAnswer } from './answers.ts'
import type { OrganizationDesk } from './command.ts'

/**
 * Warns of an account that reaches several APIs where none is the default: a client that names no
 * resource is refused from then on, though it was given more than before. The management API does not
 * count: it is never implied.
 */
export async function severalApisText(
  { api, inside }: OrganizationDesk,
  account: string,
): Promise<string> {
  const organization = await api.ask({ method: 'GET', path: inside() }, organizationAnswer)
  if (!organization.ok || organization.value.default_audience !== null) return ''
  const path = inside('principals', account, 'effective-access')
  const access = await api.ask({ method: 'GET', path }, accessAnswer)
  if (!access.ok) return ''
  const reached = access.value.access.filter(
    ({ audience, permissions }) =>
      audience !== managementAudience(api.issuer) && permissions.length > 0,
  )
  if (reached.length < 2) return ''
  return `\nThis account can reach ${reached.length} APIs and none is the default: a client that names no resource gets no token.\nLet it name one, or run countersign organization change ${JSON.stringify(organization.value.name)} --default-api <api>.\n`
}

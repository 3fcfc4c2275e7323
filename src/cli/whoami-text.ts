import { facts, sections, table } from './print.ts'

/** Whoever works beside the database. */
export function operatorText({
  name,
  id,
  issuer,
}: {
  readonly name: string
  readonly id: string
  readonly issuer: string
}): string {
  const shown = facts([
    ['name', name],
    ['id', id],
    ['is', 'operator, beside the database'],
    ['server', issuer],
  ])
  return `${shown}\nThis operator may do everything, in every organization.\n`
}

type Client = {
  readonly type: string
  readonly id: string
  readonly name: string
  readonly organization_id: string | null
  readonly organization_name: string | null
  readonly issuer: string
  readonly client_id: string
  readonly credential_id: string | null
  readonly handle: string | null
  readonly permissions: readonly string[]
  readonly roles: readonly string[]
  readonly roles_on_resources: readonly { readonly role: string; readonly resource: string }[]
  readonly groups: readonly string[]
  readonly token_ends_at: string
}

/** A client of a server from afar: an account, or a program of a member. */
export function clientText(client: Client): string {
  const { organization_id: id, organization_name: organization } = client
  const onResources = client.roles_on_resources
    .map(({ role, resource }) => `${role} on ${resource}`)
    .join(', ')
  const isMember = client.type === 'member'
  const own = facts([
    ['name', client.name],
    ['is', isMember ? `member ${client.id}, by an application key` : 'service account'],
    ['client ID', client.client_id],
    ['secret', secretText(client)],
    ['organization', organization === null ? (id ?? '') : `${organization} (${id ?? ''})`],
    ['server', client.issuer],
    ['roles', client.roles.join(', ')],
    ['on one resource', onResources === '' ? '' : `${onResources}: opens nothing here`],
    ['groups', client.groups.join(', ')],
    ['token ends', client.token_ends_at],
  ])
  const may = table(['OF', 'MAY'], byObject(client.permissions))
  return own + sections([['At the management API', may]]) + (isMember ? keyText : '')
}

const keyText =
  '\nAn application key makes no credentials, invitations or recovery links: that takes a session.\n'

/** Of an application key the client ID is its id. */
function secretText({ client_id: client, credential_id: id, handle }: Client): string {
  const begin = handle === null ? '' : `begins with csk_${handle}_`
  return [id === client ? '' : (id ?? ''), begin].filter((part) => part !== '').join(', ')
}

/** `accounts:read` and `accounts:manage` are one line. */
function byObject(permissions: readonly string[]): readonly (readonly string[])[] {
  const verbs = new Map<string, string[]>()
  for (const permission of permissions) {
    const [object = '', verb = ''] = permission.split(':')
    verbs.set(object, [...(verbs.get(object) ?? []), verb])
  }
  return [...verbs].map(([object, all]) => [object, all.join(', ')])
}

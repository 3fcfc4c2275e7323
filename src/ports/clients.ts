import type { Access } from '../domain/access.ts'
import type { ApiTerms, Audience } from '../domain/api.ts'
import type { Client } from '../domain/client.ts'
import type { ClientId } from '../domain/id.ts'
import type { OrganizationTerms } from '../domain/organization.ts'
import type { NumericDate } from '../domain/time.ts'

/** What a client can reach in one go: the API it means, and what it holds there. */
export type Reach = { readonly api: ApiTerms; readonly access: Access }

/** The clients as this process knows them. Values are current as far as `Freshness` says. */
export type Clients = {
  /** What is remembered of a client, without asking anybody. */
  readonly peek: (id: ClientId) => Client | undefined
  /** Asks the database, for a proof that what is remembered does not explain. */
  readonly find: (id: ClientId) => Promise<Client | undefined>
  readonly organizationOf: (client: Client) => Promise<OrganizationTerms | undefined>
  /** The API with this audience, if it belongs to the client's organization. */
  readonly reach: (
    client: Client,
    audience: Audience,
    now: NumericDate,
  ) => Promise<Reach | undefined>
  /** The audiences at which the client holds a role. */
  readonly audiencesOf: (client: Client) => Promise<readonly Audience[]>
  /** Grows with every change that reaches this process. */
  readonly version: () => number
  /** Whether these values are still remembered, and so no change has touched them. */
  readonly isCurrent: (client: Client, reach: Reach) => boolean
}

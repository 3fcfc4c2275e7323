/**
 * The token plane: verbs that answer machines, from memory. They know ports and rules, and neither
 * HTTP nor SQL.
 */
import type { Audience } from '../domain/api.ts'
import type { Client } from '../domain/client.ts'
import type { AuthenticatedClient } from '../domain/client.ts'
import type { Credential } from '../domain/credential.ts'
import { Unavailable } from '../domain/fault.ts'
import type { Grant } from '../domain/grant.ts'
import { decideGrant } from '../domain/grant.ts'
import type { Kid } from '../domain/key-ring.ts'
import { absoluteAudience, managementApi, ownAudience } from '../domain/management-permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { NumericDate } from '../domain/time.ts'
import { seconds } from '../domain/time.ts'
import type { Clients, Reach } from '../ports/clients.ts'
import type { Clock } from '../ports/clock.ts'
import type { Caller } from '../ports/events.ts'
import type { Freshness } from '../ports/freshness.ts'
import type { Random } from '../ports/random.ts'
import type { Signer } from '../ports/signer.ts'
import { accessTokenClaims } from '../protocol/access-token.ts'
import type { TokenRequest } from '../protocol/token-request.ts'
import type { TokenRefusal } from '../protocol/token-response.ts'
import { authenticateClient } from './authenticate-client.ts'
import type { SecretNeeds } from './client-authentication/client-secret.ts'

export type IssueTokenNeeds = Pick<SecretNeeds, 'secrets' | 'attempts'> & {
  readonly issuer: string
  readonly clients: Clients
  readonly clock: Pick<Clock, 'now'>
  readonly freshness: Freshness
  readonly random: Pick<Random, 'tokenId'>
  readonly signer: Signer
}

export type IssuedToken = {
  readonly token: string
  readonly grant: Grant
  readonly jti: string
  readonly kid: Kid
  readonly alg: SigningAlg
  readonly credential: Credential['id']
  /** Issued from memory while the database was away. */
  readonly stale: boolean
}

type Decision = {
  readonly authenticated: AuthenticatedClient
  readonly reach: Reach
  readonly grant: Grant
  readonly now: NumericDate
}

const attemptsMax = 4

/**
 * Exchanges a proof of identity for a short-lived access token. RFC 6749 §4.4.
 *
 * Between reading what a client holds and signing it, a change can arrive, or the process can be
 * stopped and wake up later. So the last thing before signing, in the same turn of the event loop,
 * is to see that all of it still stands; if not, the decision is made again.
 *
 * Throws `Unavailable` when memory is too old, and when it is overtaken again and again.
 */
export async function issueToken(
  needs: IssueTokenNeeds,
  request: TokenRequest,
  caller: Pick<Caller, 'network'>,
): Promise<Result<IssuedToken, TokenRefusal>> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const freshness = await needs.freshness.ensure()
    const version = needs.clients.version()
    const decision = await decide(needs, request, caller.network)
    if (!decision.ok) return decision
    if (
      needs.freshness.state() === freshness &&
      stillStands(needs.clients, decision.value, version)
    ) {
      return sign(needs, decision.value, freshness === 'stale')
    }
  }
  throw new Unavailable('what the client holds keeps changing', seconds(1))
}

function stillStands(clients: Clients, { authenticated, reach }: Decision, version: number) {
  return clients.version() === version || clients.isCurrent(authenticated.client, reach)
}

async function decide(
  needs: IssueTokenNeeds,
  { presented, audience, asked }: TokenRequest,
  network: string,
): Promise<Result<Decision, TokenRefusal>> {
  const now = needs.clock.now()
  const authenticated = await authenticateClient(needs, presented, { now, network })
  if (!authenticated.ok) return authenticated

  const { client } = authenticated.value
  const reach = await reachOf(needs, client, { audience, now })
  if (!reach.ok) return reach
  const { api, access } = reach.value
  const shown = { ...api, audience: absoluteAudience(needs.issuer, api.audience) }
  const grant = decideGrant(authenticated.value, shown, access, { asked, now })
  if (!grant.ok) return grant
  return accept({ authenticated: authenticated.value, reach: reach.value, grant: grant.value, now })
}

type Wanted = { readonly audience: Audience | undefined; readonly now: NumericDate }

/**
 * Finds the API that is meant. Without a word from the client it is the organization's default, or
 * the only one at which the client holds anything, and never the management API. RFC 9068 §3.
 */
async function reachOf(
  { clients, issuer }: Pick<IssueTokenNeeds, 'clients' | 'issuer'>,
  client: Client,
  { audience, now }: Wanted,
): Promise<Result<Reach, TokenRefusal>> {
  const meant = audience ?? (await clients.organizationOf(client))?.defaultAudience
  if (meant === undefined) return onlyReach(clients, client, now)
  const reach = await clients.reach(client, ownAudience(issuer, meant), now)
  return reach === undefined
    ? refuse({ reason: 'audience_unknown', audience: meant })
    : accept(reach)
}

async function onlyReach(
  clients: Clients,
  client: Client,
  now: NumericDate,
): Promise<Result<Reach, TokenRefusal>> {
  const possible: Reach[] = []
  for (const each of await clients.audiencesOf(client)) {
    if (each === managementApi.audience) continue
    const reach = await clients.reach(client, each, now)
    if (reach !== undefined && holdsAnything(reach)) possible.push(reach)
  }
  const [only, ...others] = possible
  return only === undefined || others.length > 0
    ? refuse({ reason: 'audience_ambiguous' })
    : accept(only)
}

function holdsAnything({ access }: Reach): boolean {
  return access.roles.length > 0 || access.details.length > 0
}

function sign(
  { issuer, random, signer }: IssueTokenNeeds,
  { authenticated, reach, grant, now }: Decision,
  stale: boolean,
): Result<IssuedToken, TokenRefusal> {
  const { kid, alg, sign: signed } = signer.activeKey(reach.api, now)
  const jti = random.tokenId()
  const isOurs = reach.api.audience === managementApi.audience
  const credential = isOurs ? authenticated.credential.id : undefined
  const claims = accessTokenClaims(grant, { issuer, now, jti, alg, credential })
  if (!claims.ok) return claims
  const token = signed(claims.value)
  return accept({ token, grant, jti, kid, alg, credential: authenticated.credential.id, stale })
}

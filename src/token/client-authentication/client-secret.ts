import type { AuthenticatedClient, Client } from '../../domain/client.ts'
import { authenticated, whyClientRefused } from '../../domain/client.ts'
import type { ClientSecretCredential } from '../../domain/credential.ts'
import { whyUnusable } from '../../domain/credential.ts'
import type { ClientId } from '../../domain/id.ts'
import { parseId } from '../../domain/id.ts'
import type { Result } from '../../domain/result.ts'
import { accept, refuse } from '../../domain/result.ts'
import type { ParsedSecret, SecretHandle } from '../../domain/secret.ts'
import { parseSecret } from '../../domain/secret.ts'
import type { NumericDate } from '../../domain/time.ts'
import type { Attempts } from '../../ports/attempts.ts'
import type { Clients } from '../../ports/clients.ts'
import type { Secrets, SecretTag } from '../../ports/secrets.ts'
import type { TokenRefusal } from '../../protocol/token-response.ts'

export type SecretNeeds = {
  readonly clients: Pick<Clients, 'find' | 'findAnew' | 'organizationOf'>
  readonly secrets: Pick<Secrets, 'verify' | 'decoy' | 'tag'>
  readonly attempts: Attempts
}

type Presented = { readonly client: string; readonly secret: string }
type Presentation = { readonly now: NumericDate; readonly network: string }
type Authenticated = Result<AuthenticatedClient, TokenRefusal>

/** A secret of the right form, claimed for an id of the right form. */
type Claim = ParsedSecret & {
  readonly id: ClientId
  readonly tag: SecretTag
  readonly now: NumericDate
}

/** A client and the credential that a claim is about, as far as there are any. */
type Found = {
  readonly client: Client | undefined
  readonly credential: ClientSecretCredential | undefined
}

/**
 * Checks a client secret. RFC 6749 §2.3.1.
 *
 * A secret that has proved its credential before is recognised without a hash, and without the
 * limiter: a flood of wrong guesses does not touch the clients that are already known. Everything
 * else costs the same whether the client exists or not, and whatever is wrong with it: one look at
 * the database and one hash.
 */
export async function bySecret(
  needs: SecretNeeds,
  presented: Presented,
  { now, network }: Presentation,
): Promise<Authenticated> {
  const claim = claimOf(needs, presented, now)
  const found = claim && (await find(needs.clients.find, claim))
  if (claim !== undefined && found?.client !== undefined && hasProved(needs, found, claim)) {
    return checked(needs, found, claim)
  }

  const attempted = { client: presented.client, network }
  const retryAfter = needs.attempts.mustWait(attempted)
  if (retryAfter !== undefined) return refuse({ reason: 'client_limited', retryAfter })
  if (claim === undefined || found === undefined) {
    needs.attempts.failed(attempted)
    return refuse({ reason: 'secret_malformed' })
  }
  const known = needs.attempts.failureOf(claim.id, claim.tag)
  const outcome = known === undefined ? await prove(needs, found, claim) : refuse(known)
  if (!outcome.ok) {
    const { refusal } = outcome
    needs.attempts.failed(
      attempted,
      known ? undefined : { client: claim.id, tag: claim.tag, refusal },
    )
  }
  return outcome
}

function claimOf(
  { secrets }: SecretNeeds,
  presented: Presented,
  now: NumericDate,
): Claim | undefined {
  const id = parseId('service_account', presented.client)
  const parsed = parseSecret(presented.secret)
  return id && parsed && { ...parsed, id, now, tag: secrets.tag(parsed.secret) }
}

async function find(look: Clients['find'], { id, handle }: Claim): Promise<Found> {
  const client = await look(id)
  return { client, credential: client && credentialWith(client, handle) }
}

/** The handle is public, so looking for it may take as long as it takes. */
function credentialWith(client: Client, handle: SecretHandle): ClientSecretCredential | undefined {
  for (const credential of client.credentials) {
    if (credential.kind === 'client_secret' && credential.handle === handle) return credential
  }
  return undefined
}

function hasProved({ attempts }: SecretNeeds, { credential }: Found, { tag }: Claim): boolean {
  return credential !== undefined && attempts.hasProved(credential, tag)
}

/**
 * Works out a proof that is not remembered. What memory knows may be a moment old, so before the
 * answer is no the database is asked once: a secret made at another process works here at once.
 */
async function prove(needs: SecretNeeds, remembered: Found, claim: Claim): Promise<Authenticated> {
  const { secrets, clients, attempts } = needs
  const first = isPromising(remembered, claim) ? remembered : await find(clients.findAnew, claim)
  let fits = await secrets.verify(first.credential?.hash ?? secrets.decoy, claim.secret)
  let found = first
  if (!fits && first === remembered) {
    found = await find(clients.findAnew, claim)
    const hash = found.credential?.hash
    if (hash !== undefined && hash !== first.credential?.hash) {
      fits = await secrets.verify(hash, claim.secret)
    }
  }
  if (!fits) return refuse(whyNot(found))
  const outcome = await checked(needs, found, claim)
  if (outcome.ok && found.credential !== undefined) attempts.proved(found.credential, claim.tag)
  return outcome
}

/** Whether the claim succeeds if only the secret fits. */
function isPromising({ client, credential }: Found, { now }: Claim): boolean {
  if (client === undefined || credential === undefined) return false
  return whyClientRefused(client, now) === undefined && whyUnusable(credential, now) === undefined
}

function whyNot({ client, credential }: Found): TokenRefusal {
  if (client === undefined) return { reason: 'client_unknown' }
  if (credential === undefined) return { reason: 'credential_unknown' }
  return { reason: 'credential_mismatch', credential: credential.id }
}

/** The checks that follow a secret that fits. The only way to an `AuthenticatedClient`. */
async function checked(
  { clients }: SecretNeeds,
  found: Found,
  { now }: Claim,
): Promise<Authenticated> {
  const { client, credential } = found
  if (client === undefined || credential === undefined) return refuse(whyNot(found))
  const refusal = whyClientRefused(client, now) ?? whyUnusable(credential, now)
  if (refusal !== undefined) return refuse(refusal)
  const organization = await clients.organizationOf(client)
  if (organization?.enabled !== true) {
    return refuse({ reason: 'organization_disabled', organization: client.organization })
  }
  return accept(authenticated(client, credential))
}

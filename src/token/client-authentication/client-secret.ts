import type { AuthenticatedClient, Client } from '../../domain/client.ts'
import { authenticated, whyClientRefused } from '../../domain/client.ts'
import type { ClientSecretCredential } from '../../domain/credential.ts'
import { whyUnusable } from '../../domain/credential.ts'
import type { ClientId } from '../../domain/id.ts'
import { parseClientId } from '../../domain/id.ts'
import type { Result } from '../../domain/result.ts'
import { accept, refuse } from '../../domain/result.ts'
import type { ParsedSecret, SecretHandle } from '../../domain/secret.ts'
import { parseSecret } from '../../domain/secret.ts'
import type { NumericDate } from '../../domain/time.ts'
import type { Attempted, Attempts, Proof } from '../../ports/attempts.ts'
import type { Clients } from '../../ports/clients.ts'
import type { Secrets, SecretTag } from '../../ports/secrets.ts'
import type { TokenRefusal } from '../../protocol/token-response.ts'
import { constantTimeRefusal } from '../constant-time-refusal.ts'

export type SecretNeeds = {
  readonly clients: Pick<Clients, 'peek' | 'find' | 'organizationOf' | 'version'>
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
 * the database and one hash. What differs even so is hidden, because every no takes the same time.
 */
export async function bySecret(
  needs: SecretNeeds,
  presented: Presented,
  presentation: Presentation,
): Promise<Authenticated> {
  const claim = claimOf(needs, presented, presentation.now)
  const known = claim && foundIn(needs.clients.peek(claim.id), claim)
  if (claim && known && hasProved(needs, known, claim)) {
    const outcome = await checked(needs, known, claim)
    return outcome.ok ? outcome : constantTimeRefusal(async () => outcome)
  }
  const attempted = { client: presented.client, network: presentation.network }
  return constantTimeRefusal(async () => unproved(needs, claim, attempted))
}

/** A secret that has not proved anything yet: the limiter stands before all work. */
async function unproved(
  needs: SecretNeeds,
  claim: Claim | undefined,
  attempted: Attempted,
): Promise<Authenticated> {
  if (claim && (await hasJustProved(needs, claim))) {
    return checked(needs, foundIn(needs.clients.peek(claim.id), claim), claim)
  }
  const retryAfter = needs.attempts.begin(attempted)
  if (retryAfter !== undefined) {
    return (
      (claim && (await slowly(needs, claim))) ?? refuse({ reason: 'client_limited', retryAfter })
    )
  }
  return claim ? tried(needs, claim, attempted) : refuse({ reason: 'secret_malformed' })
}

/**
 * Many processes of one client may come at once with the same new secret. One of them has it worked
 * out and the others wait for that, rather than look like as many guesses.
 */
async function hasJustProved(needs: SecretNeeds, claim: Claim): Promise<boolean> {
  const proving = needs.attempts.proving(proofOf(claim))
  if (proving === undefined) return false
  await proving.catch(() => undefined)
  return hasProved(needs, foundIn(needs.clients.peek(claim.id), claim), claim)
}

function proofOf({ id, tag }: Claim): Proof {
  return { client: id, tag }
}

/**
 * A caller that others have brought to the limit (all behind one address share it) is not locked
 * out: a secret whose handle is known, for that very client, is worked out, behind a short line.
 * Whoever only guesses gets no hash, and learns nothing but that it is limited.
 */
async function slowly(needs: SecretNeeds, claim: Claim): Promise<Authenticated | undefined> {
  if (needs.attempts.failureOf(claim.id, claim.tag) !== undefined) return undefined
  const outcome = await needs.attempts.slowly(async () => {
    const remembered = foundIn(needs.clients.peek(claim.id), claim)
    const found = isPromising(remembered, claim) ? remembered : await find(needs, claim)
    if (!isPromising(found, claim)) return undefined
    return needs.attempts.prove(proofOf(claim), async () =>
      proved(needs, found, claim, await hashFits(needs, found, claim)),
    )
  })
  return outcome?.ok === true ? outcome : undefined
}

/** Works out a proof, or recalls that it failed a moment ago. The try has been counted already. */
async function tried(
  needs: SecretNeeds,
  claim: Claim,
  attempted: Attempted,
): Promise<Authenticated> {
  const { attempts, clients } = needs
  const known = attempts.failureOf(claim.id, claim.tag)
  if (known !== undefined) return refuse(known)

  const before = clients.version()
  let isFailure = false
  try {
    const remembered = foundIn(clients.peek(claim.id), claim)
    const proof = proofOf(claim)
    const outcome = await attempts.prove(proof, () => prove(needs, remembered, claim))
    isFailure = !outcome.ok
    // A change that came meanwhile may be the one that cures it: then it is not remembered.
    if (!outcome.ok && clients.version() === before) {
      attempts.failed({ ...proof, refusal: outcome.refusal })
    }
    return outcome
  } finally {
    if (!isFailure) attempts.giveBack(attempted)
  }
}

function claimOf(
  { secrets }: SecretNeeds,
  presented: Presented,
  now: NumericDate,
): Claim | undefined {
  const id = parseClientId(presented.client)
  const parsed = parseSecret(presented.secret)
  return id && parsed && { id, now, tag: secrets.tag(parsed.secret), ...parsed }
}

function foundIn(client: Client | undefined, { handle }: Claim): Found {
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
  const first = isPromising(remembered, claim)
  const found = first ? remembered : await find(needs, claim)
  const fits = await hashFits(needs, found, claim)
  if (fits || !first) return proved(needs, found, claim, fits)

  const again = await find(needs, claim)
  const isNew = again.credential?.hash !== found.credential?.hash
  return proved(needs, again, claim, isNew && (await hashFits(needs, again, claim)))
}

/** Takes as long for a client that is not there. */
async function hashFits(
  { secrets }: SecretNeeds,
  { credential }: Found,
  { secret }: Claim,
): Promise<boolean> {
  const fits = await secrets.verify(credential?.hash ?? secrets.decoy, secret)
  return fits && credential !== undefined
}

async function proved(
  needs: SecretNeeds,
  found: Found,
  claim: Claim,
  fits: boolean,
): Promise<Authenticated> {
  if (!fits) return refuse(whyNot(found))
  const outcome = await checked(needs, found, claim)
  if (outcome.ok && found.credential) needs.attempts.proved(found.credential, claim.tag)
  return outcome
}

async function find({ clients }: SecretNeeds, claim: Claim): Promise<Found> {
  return foundIn(await clients.find(claim.id), claim)
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

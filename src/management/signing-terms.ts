import type { SigningAlg } from '../domain/signing-alg.ts'
import { signingAlgDefault } from '../domain/signing-alg.ts'
import type { SigningTerms, SigningTermsWish } from '../domain/signing-terms.ts'
import { decideSigningTerms } from '../domain/signing-terms.ts'
import { listSigningKeys } from '../storage/signing-keys.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { listWantedAlgs } from '../storage/wanted-algs.ts'

type Wish = { readonly signingAlg?: SigningAlg | undefined }

/** What the tokens of a new API are signed with. There is always a key of the default algorithm. */
export async function newSigningTerms(
  tx: Tx,
  act: Act,
  { signingAlg = signingAlgDefault }: Wish,
): Promise<SigningTerms> {
  if (signingAlg === signingAlgDefault) return { signingAlg, signingAlgBefore: undefined }
  return decide(tx, act, { signingAlg })
}

/** What the tokens of an API are signed with once it was given another algorithm, if it was. */
export async function changedSigningTerms(
  tx: Tx,
  act: Act,
  current: SigningTerms,
  { signingAlg = current.signingAlg }: Wish,
): Promise<SigningTerms> {
  const { signingAlgBefore } = current
  if (signingAlg === current.signingAlg) return { signingAlg, signingAlgBefore }
  return decide(tx, act, { signingAlg, current })
}

async function decide(tx: Tx, { at }: Act, wish: SigningTermsWish): Promise<SigningTerms> {
  return decideSigningTerms(wish, await listSigningKeys(tx), await listWantedAlgs(tx, at), at)
}

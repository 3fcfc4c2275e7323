import type { OpenedKey } from '../../src/crypto/signing-keys.ts'
import { generateSigningKey, openSigningKey } from '../../src/crypto/signing-keys.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { numericDate } from '../../src/domain/time.ts'
import { testKeyEncryptionKey } from './house.ts'
import { accepted } from './operator.ts'

/** A key for access tokens that signs from the beginning of time. */
export async function newSigningKey(alg: SigningAlg): Promise<OpenedKey> {
  const sealed = await generateSigningKey(testKeyEncryptionKey, { use: 'access_token', alg })
  const times = { announcedAt: numericDate(0), signsFrom: numericDate(0), revokedAt: undefined }
  return accepted(await openSigningKey(testKeyEncryptionKey, { ...sealed, ...times }))
}

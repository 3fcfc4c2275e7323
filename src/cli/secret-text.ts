import type { NumericDate } from '../domain/time.ts'
import { createdText, endText, stateText } from './answer-text.ts'
import type { CredentialAnswer } from './answers.ts'
import { facts } from './print.ts'

/** A credential as its page shows it: what is secret of it is nowhere. */
export function credentialText(credential: CredentialAnswer, now: NumericDate): string {
  const { handle } = credential
  return facts([
    ['name', credential.name],
    ['id', credential.id],
    ['client ID', credential.client_id],
    ['begins with', handle === null ? undefined : `csk_${handle}_`],
    ['state', stateText(credential, now)],
    ['expires', endText(credential.expires_at)],
    ['created', createdText(credential)],
  ])
}

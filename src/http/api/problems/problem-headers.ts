import { resourceMetadataUrl } from '../../../protocol/metadata.ts'
import type { Headers } from '../../answer.ts'
import { acceptsNoCoding } from '../../content-coding.ts'
import type { Identity } from '../edge/identity.ts'
import type { CallRefusal, Reason, RefusalOf } from './problem-table.ts'

type Context = { readonly issuer: string; readonly identity: Identity | undefined }

/** What some refusals have to say in headers too. */
export function problemHeaders(
  refusal: CallRefusal,
  issuer: string,
  identity: Identity | undefined,
): Headers {
  return told(refusal.reason, refusal, { issuer, identity })
}

function told<R extends Reason>(reason: R, refusal: RefusalOf<R>, context: Context): Headers {
  return headers[reason]?.(refusal, context) ?? {}
}

// The rest of the body is not read, so nothing that follows on this connection can be trusted.
const close = () => ({ connection: 'close' })
const unauthenticated = (_: unknown, { issuer }: Context) => challenge(issuer)

const headers: {
  readonly [R in Reason]?: (refusal: RefusalOf<R>, context: Context) => Headers
} = {
  authentication_needed: unauthenticated,
  session_invalid: unauthenticated,
  token_invalid: (_, { issuer }) => challenge(issuer, { error: 'invalid_token' }),
  credentials_ambiguous: (_, { issuer }) => challenge(issuer, { error: 'invalid_request' }),
  permission_missing: ({ permission: scope }, { issuer, identity }) =>
    identity?.type === 'token' ? challenge(issuer, { error: 'insufficient_scope', scope }) : {},
  method_not_allowed: ({ allowed }) => ({ allow: allowed.join(', ') }),
  content_encoding_unsupported: () => acceptsNoCoding,
  body_too_large: close,
  body_incomplete: close,
  sign_in_refused: unauthenticated,
  totp_needed: unauthenticated,
  sign_in_limited: ({ retryAfter }) => ({ 'retry-after': String(retryAfter) }),
  exports_too_many: ({ retryAfter }) => ({ 'retry-after': String(retryAfter) }),
  temporarily_unavailable: ({ retryAfter }) => ({ 'retry-after': String(retryAfter) }),
}

/** What would have been needed: RFC 6750 §3. Where to get it: RFC 9728 §5.1. */
function challenge(issuer: string, attributes: Headers = {}): Headers {
  const metadata = resourceMetadataUrl(issuer)
  const all = { realm: 'management API', ...attributes, resource_metadata: metadata }
  const words = Object.entries(all).map(([name, value]) => `${name}="${value}"`)
  return { 'www-authenticate': `Bearer ${words.join(', ')}` }
}

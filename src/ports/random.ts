import type { Id, Noun } from '../domain/id.ts'

export type Random = {
  /** A new id; ids made later sort later. */
  readonly id: <N extends Noun>(noun: N) => Id<N>
  /** A `jti`: at least 128 random bits, base64url. RFC 7519 §4.1.7. */
  readonly tokenId: () => string
  /** 32 lower-case hexadecimal digits. W3C Trace Context §3.2.2.3. */
  readonly traceId: () => string
}

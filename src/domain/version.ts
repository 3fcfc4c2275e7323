import type { Brand } from './brand.ts'

/** Which state of a thing this is: 1 when it is made, one more with every write. */
export type Version = Brand<number, 'Version'>

export type Versioned = { readonly version: Version }

/** A write that is meant for one of these versions alone; without them, for any. RFC 9110 §13.1.1. */
export type Conditional = { readonly ifMatch?: readonly Version[] | undefined }

export type VersionRefusal = {
  readonly reason: 'version_mismatched'
  /** What the thing has become since. */
  readonly version: Version
}

export const firstVersion = 1 as Version

const version = /^[1-9]\d{0,9}$/

export function parseVersion(text: string): Version | undefined {
  return version.test(text) ? (Number(text) as Version) : undefined
}

/** Says why a write is not meant for a thing as it is now, or nothing if it is. */
export function whyMismatched(
  { ifMatch }: Conditional,
  { version: current }: Versioned,
): VersionRefusal | undefined {
  if (ifMatch === undefined || ifMatch.includes(current)) return undefined
  return { reason: 'version_mismatched', version: current }
}

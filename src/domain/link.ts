import { checksum, hasChecksum, keyCharacters, toBase62 } from './base62.ts'
import type { Brand } from './brand.ts'
import { seconds } from './time.ts'

/**
 * What opens a one-time link: `cln_`, 256 random bits and a checksum in base62. Only a link carries
 * it, in its fragment, which no browser sends to a server and no proxy writes into a log.
 */
export type LinkToken = Brand<string, 'LinkToken'>

/** Long enough for an answer from another time zone. */
export const linkLifetime = seconds(24 * 60 * 60)

/** What a link is for, and the page of the console that it leads to. */
export const linkPages = {
  setup: '/console/setup',
  invitation: '/console/invitation',
  recovery: '/console/recovery',
} as const

export type LinkPurpose = keyof typeof linkPages

const tokenForm = /^cln_[0-9A-Za-z]{49}$/

export function parseLinkToken(text: string): LinkToken | undefined {
  return tokenForm.test(text) && hasChecksum(text) ? (text as LinkToken) : undefined
}

/** Writes a token from 32 random bytes. */
export function encodeLinkToken(bytes: Uint8Array): LinkToken {
  const start = `cln_${toBase62(bytes, keyCharacters)}`
  return `${start}${checksum(start)}` as LinkToken
}

/** The whole link, for people to pass on. */
export function linkTo(issuer: string, purpose: LinkPurpose, token: LinkToken): string {
  return `${issuer.replace(/\/$/, '')}${linkPages[purpose]}#${token}`
}

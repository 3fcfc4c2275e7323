import type { TestClient } from '../support/fixtures.ts'

export const methods = ['client_secret_basic', 'client_secret_post'] as const

export type Method = (typeof methods)[number]

/** What a client is told to ask for. */
export type Asked = {
  readonly issuer: string
  readonly client: TestClient
  readonly method: Method
  readonly parameters: Readonly<Record<string, string>>
}

/** What the client made of the server's answer: a token, or an error of the client's own. */
export type Answer = { readonly response: TokenResponse } | { readonly refused: Refused }

export type TokenResponse = {
  readonly access_token: string
  readonly scope?: string
  readonly expires_in?: number
  readonly authorization_details?: unknown
}

/** The name of the client's error, and the code of RFC 6749 §5.2 that it carries. */
export type Refused = { readonly type: string; readonly error: string }

/** A program that fetches tokens, as somebody else wrote it. */
export type Client = {
  readonly name: string
  readonly isInstalled: boolean
  /** Throws what is neither a token nor the client's own word for a refusal. */
  readonly fetchToken: (asked: Asked) => Promise<Answer>
  /** How this client calls a refusal of its credentials (401), and of what it asked for (400). */
  readonly refusals: { readonly [method in Method]: string } & { readonly request: string }
}

import type { BenchClient } from './database.ts'

/** Asks for everything that the client holds. */
export const grantOnly = 'grant_type=client_credentials'

/** A whole HTTP request for a token, with `client_secret_basic`. */
export function tokenRequest(path: string, { id, secret }: BenchClient, body = grantOnly): string {
  const credentials = Buffer.from(`${id}:${secret}`).toString('base64')
  return [
    `POST ${path} HTTP/1.1`,
    ...sameInAll,
    `Authorization: Basic ${credentials}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

export function getRequest(path: string): string {
  return [`GET ${path} HTTP/1.1`, ...sameInAll, '', ''].join('\r\n')
}

const sameInAll = ['Host: 127.0.0.1:8080', 'User-Agent: bench', 'Accept: application/json']

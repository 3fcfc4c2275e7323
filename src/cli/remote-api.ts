import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { ApiClient, ApiRequest, Asked } from './api-client.ts'
import { apiClient } from './api-client.ts'
import type { FetchedToken } from './fetch-token.ts'
import { insisted } from './insist.ts'
import type { ManagementTokenRefusal } from './management-token.ts'
import { managementToken } from './management-token.ts'
import type { Login } from './profiles.ts'
import type { ServerAnswer } from './server-answer.ts'
import { askServer } from './server-answer.ts'

/** A command can take longer than a token lives, while it waits for its person to confirm. */
const renewBeforeMilliseconds = 30_000

/** The management API of a server from afar, with a token that is kept in memory alone. */
export function remoteApi(login: Login, held?: FetchedToken): ApiClient {
  const token = tokenKeeper(login, held)
  const once = async (request: ApiRequest, bearer: string) =>
    askServer(
      `${login.issuer}${request.path}`,
      {
        method: request.method,
        headers: { ...request.headers, authorization: `Bearer ${bearer}` },
        ...(request.body === undefined ? {} : { body: request.body }),
      },
      request.take,
    )
  const withToken = async (request: ApiRequest, bearer: string) =>
    request.isOnce === true ? insisted(async () => once(request, bearer)) : once(request, bearer)
  return apiClient(login.issuer, async (request): Asked<ServerAnswer> => {
    const first = await token.current()
    if (!first.ok) return first
    const answered = await withToken(request, first.value)
    if (!answered.ok || answered.value.status !== 401) return answered
    // Nothing was done. The token may have been revoked, with the key that signed it; a new one tells.
    const second = await token.renewed()
    return second.ok ? withToken(request, second.value) : second
  })
}

function tokenKeeper(login: Login, held: FetchedToken | undefined) {
  let kept = held === undefined ? undefined : keptSince(held)
  const renewed = async (): Promise<Result<string, ManagementTokenRefusal>> => {
    const fetched = await managementToken(login)
    if (!fetched.ok) return fetched
    kept = keptSince(fetched.value)
    return accept(fetched.value.accessToken)
  }
  const current = async () =>
    kept !== undefined && performance.now() < kept.until
      ? accept(kept.token.accessToken)
      : renewed()
  return { current, renewed }
}

function keptSince(token: FetchedToken) {
  const until = performance.now() + token.expiresIn * 1000 - renewBeforeMilliseconds
  return { token, until }
}

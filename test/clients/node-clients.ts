import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { ClientCredentials } from 'simple-oauth2'
import type { Answer, Asked, Client } from './client.ts'

/** Which of the two well-known documents a client reads: RFC 8414, or OpenID Connect Discovery. */
const documents = [
  ['oauth2', 'oauth-authorization-server'],
  ['oidc', 'openid-configuration'],
] as const

type Algorithm = (typeof documents)[number][0]

/** Where the answer has a challenge, these two tell of that, and leave the body to whoever asks. */
const refusals = {
  client_secret_basic: 'WWWAuthenticateChallengeError',
  client_secret_post: 'WWWAuthenticateChallengeError',
  request: 'ResponseBodyError',
}

export const nodeClients: readonly Client[] = [
  ...documents.map(([algorithm, document]) => ({
    name: `openid-client, by ${document}`,
    isInstalled: true,
    fetchToken: async (asked: Asked) => fetchWithOpenidClient(asked, algorithm),
    refusals,
  })),
  ...documents.map(([algorithm, document]) => ({
    name: `oauth4webapi, by ${document}`,
    isInstalled: true,
    fetchToken: async (asked: Asked) => fetchWithOauth4webapi(asked, algorithm),
    refusals,
  })),
  {
    name: 'simple-oauth2',
    isInstalled: true,
    fetchToken: fetchWithSimpleOauth2,
    refusals: {
      client_secret_basic: 'Response Error: 401 Unauthorized',
      client_secret_post: 'Response Error: 401 Unauthorized',
      request: 'Response Error: 400 Bad Request',
    },
  },
]

async function fetchWithOpenidClient(asked: Asked, algorithm: Algorithm): Promise<Answer> {
  const { issuer, client, method, parameters } = asked
  const authentication =
    method === 'client_secret_basic' ? openid.ClientSecretBasic() : openid.ClientSecretPost()
  const options = { algorithm, execute: [openid.allowInsecureRequests] }
  const server = new URL(issuer)
  const configuration = await openid.discovery(
    server,
    client.id,
    { client_secret: client.secret },
    authentication,
    options,
  )
  return openid
    .clientCredentialsGrant(configuration, { ...parameters })
    .then((response) => ({ response }), refusedByPanva)
}

async function fetchWithOauth4webapi(asked: Asked, algorithm: Algorithm): Promise<Answer> {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const issuer = new URL(asked.issuer)
  const discovered = await oauth.discoveryRequest(issuer, { algorithm, ...insecure })
  const server = await oauth.processDiscoveryResponse(issuer, discovered)
  const client = { client_id: asked.client.id }
  const authentication =
    asked.method === 'client_secret_basic'
      ? oauth.ClientSecretBasic(asked.client.secret)
      : oauth.ClientSecretPost(asked.client.secret)
  const parameters = new URLSearchParams(asked.parameters)
  const answered = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    authentication,
    parameters,
    insecure,
  )
  return oauth
    .processClientCredentialsResponse(server, client, answered)
    .then((response) => ({ response }), refusedByPanva)
}

/** A refusal of these two clients, which are by one author and share their errors. */
async function refusedByPanva(error: unknown): Promise<Answer> {
  if (error instanceof oauth.ResponseBodyError) {
    return { refused: { type: error.name, error: error.error } }
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    const body = (await error.response.json()) as { readonly error: string }
    return { refused: { type: error.name, error: body.error } }
  }
  throw error
}

async function fetchWithSimpleOauth2({
  issuer,
  client,
  method,
  parameters,
}: Asked): Promise<Answer> {
  const { origin, pathname } = new URL(issuer)
  const grant = new ClientCredentials({
    client,
    auth: { tokenHost: origin, tokenPath: `${pathname.replace(/\/$/, '')}/oauth2/token` },
    options: { authorizationMethod: method === 'client_secret_basic' ? 'header' : 'body' },
  })
  try {
    const { token } = await grant.getToken(parameters)
    return { response: token as { readonly access_token: string } }
  } catch (error) {
    if (!isBoom(error)) throw error
    return { refused: { type: error.message, error: error.data.payload.error } }
  }
}

type Boom = Error & { readonly data: { readonly payload: { readonly error: string } } }

function isBoom(error: unknown): error is Boom {
  return error instanceof Error && 'isBoom' in error && error.isBoom === true
}

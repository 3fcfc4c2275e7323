/**
 * better-auth with its jwt and oauth-provider plugins over its memory adapter, which keeps the rows
 * that a database would: one client, its secret hashed, ES256 JWT access tokens for one resource.
 * Its limits of requests are off, because here all load comes from one address.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { getAuthTables } from 'better-auth/db'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

const [client, secret] = process.argv.slice(2)
const port = Number(process.env.PORT)
const audience = 'https://deploy.example.com'
const scopes = ['deployments:read', 'deployments:write']
const lifetimeSeconds = 900

const options = {
  baseURL: `http://127.0.0.1:${port}`,
  secret: randomBytes(32).toString('base64'),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  emailAndPassword: { enabled: true },
  disabledPaths: ['/token'],
  plugins: [
    jwt({ jwks: { keyPairConfig: { alg: 'ES256' } }, disableSettingJwtHeader: true }),
    oauthProvider({
      loginPage: '/sign-in',
      consentPage: '/consent',
      scopes,
      resources: [{ identifier: audience, accessTokenTtl: lifetimeSeconds, allowedScopes: scopes }],
      clientRegistrationDefaultResources: [audience],
      // What changes seldom is kept in memory, as far as its settings allow.
      cachedResources: new Set([audience]),
      cachedTrustedClients: new Set([client]),
      m2mAccessTokenExpiresIn: lifetimeSeconds,
      clientPrivileges: () => true,
      generateClientId: () => client,
      generateClientSecret: () => secret,
    }),
  ],
}
const tables = Object.keys(getAuthTables(options)).map((table) => [table, []])
const auth = betterAuth({ ...options, database: memoryAdapter(Object.fromEntries(tables)) })

// Whoever makes clients is signed in.
const owner = {
  name: 'Owner',
  email: 'owner@example.com',
  password: randomBytes(16).toString('hex'),
}
const { headers } = await auth.api.signUpEmail({ body: owner, returnHeaders: true })
const cookie = headers.getSetCookie().map((each) => each.split(';')[0])
await auth.api.adminCreateOAuthClient({
  headers: new Headers({ cookie: cookie.join('; ') }),
  body: {
    client_name: 'bench',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
    client_credentials_scopes: scopes,
  },
})

createServer(toNodeHandler(auth)).listen(port, '127.0.0.1')
process.on('disconnect', () => process.exit())

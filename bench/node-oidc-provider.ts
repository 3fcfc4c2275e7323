/** node-oidc-provider, all in memory: one client, client credentials, ES256 JWT access tokens. */
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Provider = new (
  issuer: string,
  configuration: object,
) => {
  readonly listen: (port: number, host: string) => unknown
}

const [folder = '', client = '', secret = ''] = process.argv.slice(2)
const entry = join(folder, 'node_modules/oidc-provider/lib/index.js')
const { default: Provider } = (await import(pathToFileURL(entry).href)) as { default: Provider }

const port = Number(process.env['PORT'])
const scope = 'deployments:read deployments:write'
const api = {
  scope,
  audience: 'https://deploy.example.com',
  accessTokenFormat: 'jwt',
  accessTokenTTL: 900,
  jwt: { sign: { alg: 'ES256' } },
}
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: client,
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
      scope,
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  scopes: scope.split(' '),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => api.audience,
      getResourceServerInfo: () => api,
      useGrantedResource: () => true,
    },
  },
}).listen(port, '127.0.0.1')
process.on('disconnect', () => process.exit())

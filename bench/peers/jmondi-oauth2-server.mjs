/**
 * @jmondi/oauth2-server on express, its repositories in memory: one client, its secret hashed, and
 * ES256 JWT access tokens. It signs HS256 by itself, so its JwtService is given another way to sign.
 */
import { createHash, generateKeyPairSync, randomUUID, timingSafeEqual } from 'node:crypto'
import { AuthorizationServer, DateInterval, JwtService } from '@jmondi/oauth2-server'
import { handleExpressError, handleExpressResponse } from '@jmondi/oauth2-server/express'
import express from 'express'
import jwt from 'jsonwebtoken'

const [clientId, clientSecret] = process.argv.slice(2)
const port = Number(process.env.PORT)
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keyid = 'one'
const scopes = ['deployments:read', 'deployments:write'].map((name) => ({ name }))
const client = {
  id: clientId,
  name: 'bench',
  secret: createHash('sha256').update(clientSecret).digest(),
  redirectUris: [],
  allowedGrants: ['client_credentials'],
  scopes,
}

class Es256 extends JwtService {
  sign(payload) {
    return new Promise((resolve, reject) => {
      jwt.sign(payload, privateKey, { algorithm: 'ES256', keyid }, (error, token) =>
        error ? reject(error) : resolve(token),
      )
    })
  }
  extraTokenFields() {
    return { aud: 'https://deploy.example.com', client_id: clientId }
  }
}

const clients = {
  getByIdentifier: async (id) => (id === client.id ? client : undefined),
  isClientValid: async (grant, { secret, allowedGrants }, given = '') =>
    allowedGrants.includes(grant) &&
    timingSafeEqual(secret, createHash('sha256').update(given).digest()),
}

// As many as node-oidc-provider keeps in memory.
const tokensMax = 1000
const kept = new Map()
const tokens = {
  issueToken: async (of, granted, user) => ({
    accessToken: randomUUID(),
    accessTokenExpiresAt: new Date(),
    client: of,
    user,
    scopes: granted,
  }),
  persist: async (token) => {
    if (kept.size >= tokensMax) kept.delete(kept.keys().next().value)
    kept.set(token.accessToken, token)
  },
  revoke: async (token) => void kept.delete(token.accessToken),
  isRefreshTokenRevoked: async () => true,
  issueRefreshToken: async (token) => token,
  getByRefreshToken: async () => undefined,
  getByAccessToken: async (id) => kept.get(id),
}

const scopeRepository = {
  getAllByIdentifiers: async (names) => scopes.filter(({ name }) => names.includes(name)),
  finalize: async (asked) => asked,
}

const server = new AuthorizationServer(clients, tokens, scopeRepository, new Es256(privateKey), {
  issuer: `http://127.0.0.1:${port}`,
})
server.enableGrantTypes(['client_credentials', new DateInterval('15m')])

const app = express()
app.use(express.json())
app.use(express.urlencoded({ extended: false }))
app.post('/token', (request, response) => {
  server.respondToAccessTokenRequest(request).then(
    (answer) => handleExpressResponse(response, answer),
    (error) => handleExpressError(error, response),
  )
})
app.get('/jwks', (_, response) => {
  response.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: keyid }] })
})
app.listen(port, '127.0.0.1')
process.on('disconnect', () => process.exit())

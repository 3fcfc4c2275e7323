/**
 * node-oidc-provider: one client, client credentials, ES256 JWT access tokens. Without DATABASE_URL
 * it keeps everything in memory, as it does by default; with it, in PostgreSQL, the client too.
 */
import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'
import pg from 'pg'

const [clientId, clientSecret] = process.argv.slice(2)
const port = Number(process.env.PORT)
const databaseUrl = process.env.DATABASE_URL
const scope = 'deployments:read deployments:write'
const api = {
  scope,
  audience: 'https://deploy.example.com',
  accessTokenFormat: 'jwt',
  accessTokenTTL: 900,
  jwt: { sign: { alg: 'ES256' } },
}
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const client = {
  client_id: clientId,
  client_secret: clientSecret,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  id_token_signed_response_alg: 'ES256',
  scope,
}

const configuration = {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  scopes: scope.split(' '),
  ttl: { ClientCredentials: 900 },
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
  ...(databaseUrl === undefined
    ? { clients: [client] }
    : { adapter: await inPostgres(databaseUrl) }),
}
new Provider(`http://127.0.0.1:${port}`, configuration).listen(port, '127.0.0.1')
process.on('disconnect', () => process.exit())

/** An adapter as the documentation asks for one: a row for each thing that is kept. */
async function inPostgres(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 10 })
  await pool.query(`
    create table if not exists oidc (
      model text not null, id text not null, payload jsonb not null,
      grant_id text, user_code text, uid text,
      expires_at timestamptz, consumed_at timestamptz,
      primary key (model, id)
    );
    create index if not exists oidc_grant on oidc (grant_id);
    create index if not exists oidc_user_code on oidc (user_code);
    create index if not exists oidc_uid on oidc (uid)`)
  const found = `
    select payload, consumed_at from oidc
    where model = $1 and (expires_at is null or expires_at > now())`

  // Statements have names, so that PostgreSQL plans each once for a connection.
  const ask = async (name, text, values) => (await pool.query({ name, text, values })).rows

  class InPostgres {
    constructor(model) {
      this.model = model
    }
    async upsert(id, payload, expiresIn) {
      await ask(
        'upsert',
        `insert into oidc (model, id, payload, grant_id, user_code, uid, expires_at)
         values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
         on conflict (model, id) do update
         set payload = excluded.payload, expires_at = excluded.expires_at`,
        [this.model, id, payload, payload.grantId, payload.userCode, payload.uid, expiresIn],
      )
    }
    async find(id) {
      return payloadOf(await ask('find', `${found} and id = $2`, [this.model, id]))
    }
    async findByUserCode(userCode) {
      const text = `${found} and user_code = $2`
      return payloadOf(await ask('find_by_user_code', text, [this.model, userCode]))
    }
    async findByUid(uid) {
      return payloadOf(await ask('find_by_uid', `${found} and uid = $2`, [this.model, uid]))
    }
    async consume(id) {
      const text = 'update oidc set consumed_at = now() where model = $1 and id = $2'
      await ask('consume', text, [this.model, id])
    }
    async destroy(id) {
      await ask('destroy', 'delete from oidc where model = $1 and id = $2', [this.model, id])
    }
    async revokeByGrantId(grantId) {
      await ask('revoke', 'delete from oidc where grant_id = $1', [grantId])
    }
  }
  await new InPostgres('Client').upsert(clientId, client)
  return InPostgres
}

function payloadOf([row]) {
  if (row === undefined) return undefined
  return row.consumed_at === null ? row.payload : { ...row.payload, consumed: row.consumed_at }
}

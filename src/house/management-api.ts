import type { LoadRoom } from '../http/door.ts'
import type { ApiPorts } from '../http/api/ports.ts'
import type { VerifyAccessToken } from '../ports/access-tokens.ts'

/** The management API over its ports; read from disk once the server listens. */
export function managementApi(ports: ApiPorts, verifyToken: VerifyAccessToken): LoadRoom {
  return async () => {
    const [{ apiRoom }, { identifyBy }, { findSession }] = await Promise.all([
      import('../http/api/api.ts'),
      import('../http/api/edge/identity.ts'),
      import('../management/sessions.ts'),
    ])
    const identify = identifyBy({
      issuer: ports.issuer,
      tokens: ports.tokens,
      verifyToken,
      findSession: async (token, now) => findSession(ports, token, now),
    })
    return apiRoom(ports, identify)
  }
}

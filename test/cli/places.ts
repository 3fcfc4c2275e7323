import type { TestHouse } from '../support/house.ts'
import { openTestHouse } from '../support/house.ts'
import type { Answered, Terminal } from './terminal.ts'
import { openTerminal } from './terminal.ts'

/** One server, and terminals in front of it. */
export type Places = {
  readonly test: TestHouse
  /** Beside the database of that server. */
  readonly beside: Terminal
  /** Elsewhere, as a client with these credentials. */
  readonly as: (client: Answered, issuer?: string) => Promise<Terminal>
  /** Elsewhere, as an account that has this role. */
  readonly holding: (name: string, role: string) => Promise<Terminal>
}

/** Opens a server with one organization, Acme. */
export async function openPlaces(): Promise<Places> {
  const test = await openTestHouse()
  const { db, clock, issuer } = test
  const beside = await openTerminal(db, clock, issuer)
  await beside.json('organization create Acme')
  const as = async (client: Answered, at = issuer) =>
    openTerminal(db, clock, issuer, login(client, at))
  return {
    test,
    beside,
    as,
    holding: async (name, role) => {
      await beside.json(`account create ${name} --role '${role}'`)
      const secret = await beside.json(`secret create ${name} only`)
      await test.caughtUp()
      return as(secret)
    },
  }
}

/** What the environment says of a client, from the answer that made its secret. */
function login({ client_id: id, client_secret: secret }: Answered, issuer: string) {
  return {
    COUNTERSIGN_ISSUER: issuer,
    COUNTERSIGN_CLIENT_ID: id,
    COUNTERSIGN_CLIENT_SECRET: secret,
  }
}

import type { Audience } from '../domain/api.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Wanted } from './fetch-token.ts'
import { fetchToken } from './fetch-token.ts'
import { findLogin } from './find-login.ts'
import type { Io } from './io.ts'
import type { ProgramOutcome } from './program.ts'
import type { CommandRefusal } from './refusal-text.ts'

type Wishes = {
  readonly profile: string | undefined
  readonly resource: Audience | undefined
  readonly audience: Audience | undefined
  readonly scope: readonly string[]
  readonly header: boolean
  readonly json: boolean
}

/** `countersign token`: fetches a token and prints it, and nothing else, for scripts. */
export async function token(wishes: Wishes, io: Io): ProgramOutcome {
  const wanted = understood(wishes)
  if (!wanted.ok) return wanted
  const login = await findLogin(wishes.profile, io.env)
  if (!login.ok) return login
  const fetched = await fetchToken(login.value, wanted.value)
  if (!fetched.ok) return fetched
  const { accessToken, answer } = fetched.value
  if (wishes.json) io.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`)
  else io.stdout.write(`${wishes.header ? 'Authorization: Bearer ' : ''}${accessToken}\n`)
  return accept(undefined)
}

/** One name or the other for the API: `audience` is what other servers call it. */
function understood(wishes: Wishes): Result<Wanted, CommandRefusal> {
  const { resource = wishes.audience, audience = resource, header, json } = wishes
  if (header && json) return misunderstood('say one of --header and --json')
  if (resource !== audience) {
    return misunderstood('--resource and --audience mean the same: say one of them')
  }
  const scope = wishes.scope.length === 0 ? undefined : wishes.scope.join(' ')
  return accept({ resource, scope })
}

function misunderstood(problem: string) {
  return refuse({ reason: 'usage_wrong', problems: [problem] })
}

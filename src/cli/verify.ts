import { readVerifyConfig } from '../config.ts'
import { verifyToken } from '../crypto/verify-token.ts'
import type { Audience } from '../domain/api.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Io } from './io.ts'
import type { ProgramOutcome } from './program.ts'
import { settingsWrong } from './settings.ts'

const tokenCharactersMax = 16_384

type Wishes = { readonly issuer: string | undefined; readonly audience: Audience | undefined }

/**
 * `countersign verify`: reads a token, or the token endpoint's whole answer, from standard input and
 * verifies it with the issuer's published keys. A token on the command line would be seen by others.
 */
export async function verify({ issuer: named, audience }: Wishes, io: Io): ProgramOutcome {
  const config = named === undefined ? readVerifyConfig(io.env) : accept({ issuer: named })
  if (!config.ok) return settingsWrong(config.refusal)
  const { issuer } = config.value
  if (issuer === undefined) {
    return misunderstood('say whose token it is: --issuer https://tokens.example.com')
  }
  const token = tokenIn(await readAll(io.stdin))
  if (token === undefined) {
    return misunderstood('no token on standard input: curl … | countersign verify')
  }
  const outcome = await verifyToken(token, { issuer, audience })
  if (!outcome.ok) return outcome
  io.stdout.write(`${JSON.stringify(outcome.value, undefined, 2)}\n`)
  return accept(undefined)
}

function misunderstood(problem: string) {
  return refuse({ reason: 'usage_wrong', problems: [problem] })
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk.toString()
    if (text.length > tokenCharactersMax) break
  }
  return text.trim()
}

/** Finds the token in what was given: itself, or the `access_token` of an answer. */
function tokenIn(text: string): string | undefined {
  if (!text.startsWith('{')) return text === '' ? undefined : text
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null) return undefined
    const token: unknown = Reflect.get(answer, 'access_token')
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

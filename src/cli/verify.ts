import { parseArgs } from 'node:util'
import type { VerifyRefusal } from '../crypto/verify-token.ts'
import { verifyToken } from '../crypto/verify-token.ts'
import { unreachable } from '../domain/brand.ts'
import type { ExitCode, Io } from './io.ts'

const tokenCharactersMax = 16_384

/**
 * `countersign verify`: reads a token, or the token endpoint's whole answer, from standard input and
 * verifies it with the issuer's published keys. A token on the command line would be seen by others.
 */
export async function verify(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...args],
    options: { issuer: { type: 'string' }, audience: { type: 'string' } },
  })
  const issuer = values.issuer ?? io.env['ISSUER']
  if (issuer === undefined || !URL.canParse(issuer)) {
    io.stderr.write('countersign: say whose token it is: --issuer https://tokens.example.com\n')
    return 2
  }
  const token = tokenIn(await readAll(io.stdin))
  if (token === undefined) {
    io.stderr.write('countersign: no token on standard input: curl … | countersign verify\n')
    return 2
  }
  const outcome = await verifyToken(token, { issuer, audience: values.audience })
  if (outcome.ok) {
    io.stdout.write(`${JSON.stringify(outcome.value, undefined, 2)}\n`)
    return 0
  }
  io.stderr.write(`countersign: ${refusalText(outcome.refusal)}\n`)
  return outcome.refusal.reason === 'issuer_unreachable' ? 3 : 1
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

function refusalText(refusal: VerifyRefusal): string {
  switch (refusal.reason) {
    case 'token_invalid':
      return `not a good token: ${refusal.what}`
    case 'metadata_mismatched':
      return `the metadata found there is of another issuer: ${refusal.issuer}`
    case 'issuer_unreachable':
      return `no answer from ${refusal.url}`
    default:
      return unreachable(refusal)
  }
}

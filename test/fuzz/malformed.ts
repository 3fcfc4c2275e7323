/**
 * Requests that are wrong in every way we could think of, from a seed: random bytes, broken framing,
 * headers and forms that are repeated, huge, nested, or in no encoding. Each begins as a good token
 * request, so that what is wrong is found as deep inside as it can get.
 */

import type { Chance } from './chance.ts'
import { authorization, details, huge, parameter } from './form-mistakes.ts'
import type { Request } from './request.ts'
import { encoding, framing, header, place } from './wire-mistakes.ts'

export type Good = { readonly id: string; readonly secret: string }

/** One request, each character of it a byte. */
export function malformed({ id, secret }: Good, random: Chance): string {
  const proof: [string, string] = ['Authorization', `Basic ${btoa(`${id}:${secret}`)}`]
  const request: Request = {
    method: 'POST',
    target: '/oauth2/token',
    version: 'HTTP/1.1',
    headers: [
      ['Host', 'a'],
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ],
    body: 'grant_type=client_credentials',
  }
  if (random.below(4) > 0) request.headers.push(proof)
  else request.body += `&client_id=${id}&client_secret=${secret}`
  for (let more = random.of([0, 0, 1, 2]); more >= 0; more -= 1)
    random.of(mistakes)(request, random)
  return random.of(accidents)(written(request, random), random)
}

function written({ method, target, version, headers, body }: Request, random: Chance): string {
  const isFramed = headers.some(([name]) => /^(content-length|transfer-encoding)/i.test(name))
  const all = isFramed ? headers : [...headers, ['Content-Length', String(body.length)] as const]
  const lineEnd = random.below(50) === 0 ? random.of(['\n', '\r', '\r\n ', '\0']) : '\r\n'
  const lines = all.map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${target} ${version}`, ...lines, '', body].join(lineEnd)
}

/** What is done to the bytes as a whole. The first ones do nothing, so that most mistakes arrive. */
const accidents: readonly [Accident, ...Accident[]] = [
  (text) => text,
  (text) => text,
  (text) => text,
  (text) => text,
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => flipped(text, random),
  (text, random) => text + random.bytes(1 + random.below(500)),
  (text) => text + text,
  (_, random) => random.bytes(1 + random.below(2000)),
]
type Accident = (text: string, random: Chance) => string

function flipped(text: string, random: Chance): string {
  const bytes = text.split('')
  for (let count = random.below(8); count >= 0; count -= 1) {
    bytes[random.below(bytes.length)] = random.bytes(1)
  }
  return bytes.join('')
}

type Mistake = (request: Request, random: Chance) => void

const mistakes: readonly [Mistake, ...Mistake[]] = [
  framing,
  framing,
  header,
  header,
  authorization,
  parameter,
  parameter,
  parameter,
  details,
  huge,
  place,
  encoding,
]

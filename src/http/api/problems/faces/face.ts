import type { PrincipalId } from '../../../../domain/id.ts'
import { idPrefixes } from '../../../../domain/id.ts'

export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 406
  | 409
  | 412
  | 413
  | 415
  | 422
  | 429
  | 500
  | 503

/** What a reason is to the caller: the status, a title that is the same for all, and the detail. */
export type Face<Refusal> = readonly [
  status: ProblemStatus,
  title: string,
  detail: (facts: Refusal) => string,
]

/** A face for each reason of a union of refusals. */
export type Faces<Refusal extends { readonly reason: string }> = {
  readonly [R in Refusal['reason']]: Face<Extract<Refusal, { readonly reason: R }>>
}

/** `another group is called "platform" already`. */
export function taken(noun: string) {
  return ({ name }: { readonly name: string }) => `another ${noun} is called "${name}" already`
}

export function atMost(who: string, what: string) {
  return ({ max }: { readonly max: number }) => `${who} can have at most ${max} ${what}`
}

export function unknown(noun: string, id: string): string {
  return `there is no ${noun} ${id} in this organization`
}

/** What people call whoever roles are granted to. */
export function principalNoun(id: PrincipalId): 'account' | 'member' {
  return id.startsWith(`${idPrefixes.member}_`) ? 'member' : 'account'
}

import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { EdgeRefusal } from './edge-refusal.ts'

/** What a list that can be had as lines is answered in; the first to whoever does not mind. */
export const listTypes = ['application/json', 'application/jsonl'] as const

/**
 * In which of them the caller would rather have it. RFC 9110 §12.5.1: of several ranges that a type
 * is in, the most specific counts. Parameters of types are not looked at: ours have none.
 */
export function readAccept(header: string | null): Result<(typeof listTypes)[number], EdgeRefusal> {
  const weights = weightsIn(header === null || header.trim() === '' ? '*/*' : header)
  const weighed = listTypes
    .map((type) => ({ type, weight: weightOf(type, weights) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  const [best] = weighed
  return best === undefined
    ? refuse({ reason: 'not_acceptable', mediaTypes: listTypes })
    : accept(best.type)
}

function weightsIn(header: string): ReadonlyMap<string, number> {
  const ranges = header.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    return [type, weight === undefined ? 1 : Number(weight.slice(2))] as const
  })
  return new Map(ranges)
}

function weightOf(type: string, weights: ReadonlyMap<string, number>): number {
  return weights.get(type) ?? weights.get('application/*') ?? weights.get('*/*') ?? 0
}

// version "-" trace-id "-" parent-id "-" flags; later versions may append more after another dash.
const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/
const allZero = /^0+$/

/**
 * The trace id of a `traceparent` header, or `undefined` if the header is not valid: then the
 * caller's trace is unknown and a new one begins. W3C Trace Context §3.2.2.
 */
export function parseTraceparent(text: string): string | undefined {
  const [, version, traceId, parentId, more] = traceparent.exec(text) ?? []
  if (version === undefined || traceId === undefined || parentId === undefined) return undefined
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  return allZero.test(traceId) || allZero.test(parentId) ? undefined : traceId
}

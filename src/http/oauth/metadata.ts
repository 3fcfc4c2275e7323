import { Hono } from 'hono'
import type { Seconds } from '../../domain/time.ts'
import { metadata, metadataPaths } from '../../protocol/metadata.ts'
import type { Edge } from '../edge.ts'
import { answerDocument, answerPreflight, publicDocument } from './document.ts'

/** The metadata of the server, the same bytes at every place where clients look. RFC 8414 §3. */
export function metadataEndpoints(options: {
  readonly issuer: string
  readonly maxAge: Seconds
}): Hono<Edge> {
  const document = publicDocument(metadata(options.issuer))
  const cacheControl = `public, max-age=${options.maxAge}`
  const rooms = new Hono<Edge>()
  for (const path of metadataPaths(options.issuer)) {
    rooms.get(path, (c) => answerDocument(c, document, cacheControl)).options(path, answerPreflight)
  }
  return rooms
}

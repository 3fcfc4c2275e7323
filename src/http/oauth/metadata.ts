import { Hono } from 'hono'
import type { Seconds } from '../../domain/time.ts'
import {
  metadata,
  metadataPaths,
  resourceMetadata,
  resourceMetadataPath,
} from '../../protocol/metadata.ts'
import { toResponse } from '../answer.ts'
import type { Edge } from '../edge.ts'
import { answerPreflight, documentTo, publicDocument } from './document.ts'

/** The metadata of the server, the same bytes at every place where clients look. RFC 8414 §3. */
export function metadataEndpoints(options: {
  readonly issuer: string
  readonly maxAge: Seconds
}): Hono<Edge> {
  const cacheControl = `public, max-age=${options.maxAge}`
  const document = { ...publicDocument(metadata(options.issuer)), cacheControl }
  const rooms = new Hono<Edge>()
  for (const path of metadataPaths(options.issuer)) {
    rooms
      .get(path, (c) => toResponse(documentTo(c.env.caller, c.env.incoming, document)))
      .options(path, answerPreflight)
  }
  const resource = { ...publicDocument(resourceMetadata(options.issuer)), cacheControl }
  return rooms
    .get(resourceMetadataPath(options.issuer), (c) =>
      toResponse(documentTo(c.env.caller, c.env.incoming, resource)),
    )
    .options(resourceMetadataPath(options.issuer), answerPreflight)
}

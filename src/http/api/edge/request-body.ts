import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import { isUncoded } from '../../content-coding.ts'
import type { EdgeRefusal } from './edge-refusal.ts'
import { readJson } from './json.ts'

/** More than the longest list of permissions takes. */
const bodyBytesMax = 64 * 1024

type Body = Result<unknown, EdgeRefusal>

/** Reads the JSON body of a request, with a hard count of bytes. */
export async function readRequestBody(request: Request): Promise<Body> {
  if (!isJson(request.headers.get('content-type'))) {
    return refuse({ reason: 'content_type_unsupported' })
  }
  if (!isUncoded(request.headers.get('content-encoding'))) {
    return refuse({ reason: 'content_encoding_unsupported' })
  }
  if (Number(request.headers.get('content-length') ?? 0) > bodyBytesMax) return tooLarge
  const bytes = await readBytes(request)
  if (!bytes.ok) return bytes
  const json = readJson(bytes.value)
  return json.ok
    ? json
    : refuse({ reason: 'request_malformed', places: [{ in: 'body', ...json.refusal }] })
}

/** What has no body must come without one: what nobody reads, nobody has checked. */
export function hasBody({ headers }: Request): boolean {
  return Number(headers.get('content-length') ?? 0) > 0 || headers.has('transfer-encoding')
}

const tooLarge = refuse({ reason: 'body_too_large', bytesMax: bodyBytesMax })

async function readBytes({ body }: Request): Promise<Result<Uint8Array, EdgeRefusal>> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body ?? []) {
      length += chunk.length
      if (length > bodyBytesMax) return tooLarge
      chunks.push(chunk)
    }
  } catch {
    return refuse({ reason: 'body_incomplete' })
  }
  return accept(Buffer.concat(chunks))
}

/** RFC 8259 §11: JSON has no `charset`; that it is UTF-8 may be said all the same. */
function isJson(contentType: string | null): boolean {
  return /^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(contentType ?? '')
}

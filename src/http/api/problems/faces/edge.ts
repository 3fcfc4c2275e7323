import type { EdgeRefusal } from '../../edge/edge-refusal.ts'
import type { Faces } from './face.ts'

export const edgeFaces: Faces<EdgeRefusal> = {
  request_malformed: [
    400,
    'The request is malformed',
    ({ places }) =>
      places
        .map(({ in: part, at, problem }) => `${part}${at === '' ? '' : ` ${at}`}: ${problem}`)
        .join('; '),
  ],
  body_incomplete: [400, 'The body is incomplete', () => 'the body ended too early'],
  body_too_large: [
    413,
    'The body is too large',
    ({ bytesMax }) => `a body can have at most ${bytesMax} bytes`,
  ],
  content_type_unsupported: [
    415,
    'The content type is not supported',
    () => 'send JSON, with content-type: application/json',
  ],
  content_encoding_unsupported: [
    415,
    'The body is compressed',
    () => 'send the body as it is, without content-encoding',
  ],
  credentials_ambiguous: [
    400,
    'Several credentials were sent',
    () => 'send a bearer token or the session cookie, once and not both',
  ],
  authentication_needed: [
    401,
    'Authentication is needed',
    () => 'send an access token of this server for the management API, or sign in',
  ],
  token_invalid: [401, 'The access token is not valid', ({ what }) => `not a good token: ${what}`],
  session_invalid: [401, 'The session is not valid', () => 'the session has ended; sign in again'],
  origin_mismatched: [
    403,
    'The origin is not this server',
    ({ origin }) =>
      `what changes something with a session comes from this server: send Origin: ${origin}, and the csrf_token of the session in X-CSRF-Token`,
  ],
  csrf_token_mismatched: [
    403,
    'The CSRF token does not fit the session',
    () => 'send the csrf_token of the session in X-CSRF-Token',
  ],
  path_unknown: [404, 'There is nothing here', () => 'no resource of the API has this path'],
  not_acceptable: [
    406,
    'It cannot be had in this form',
    ({ mediaTypes }) => `this is answered in ${mediaTypes.join(' or ')}`,
  ],
  method_not_allowed: [
    405,
    'The method is not allowed here',
    ({ allowed }) => `this resource knows ${allowed.join(', ')}`,
  ],
  member_immutable: [
    422,
    'It never changes',
    ({ members }) => `${members.join(', ')} stays as it was created: create another one instead`,
  ],
  exports_too_many: [
    429,
    'Too many exports are open',
    ({ max, retryAfter }) =>
      `${max} exports of this audit trail are being read already: come again in ${retryAfter} seconds`,
  ],
  server_error: [500, 'The server has failed', () => 'the fault is ours; the trace id leads to it'],
  temporarily_unavailable: [
    503,
    'The server cannot answer just now',
    () => 'nothing was done, as far as is known; try again',
  ],
}

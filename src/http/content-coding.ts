/** What a 415 says because of a content coding, and because of nothing else. RFC 9110 §12.5.3. */
export const acceptsNoCoding = { 'accept-encoding': 'identity' }

/**
 * Whether a body is sent as it is, by its `Content-Encoding`. Nothing is unpacked here: of a coded body
 * neither its size nor what a proxy in front made of it would be known. RFC 9110 §8.4.
 */
export function isUncoded(contentEncoding: string | null | undefined): boolean {
  return (contentEncoding ?? '')
    .split(',')
    .every((coding) => ['', 'identity'].includes(coding.trim().toLowerCase()))
}

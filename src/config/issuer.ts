export const issuerAccepts =
  'an https URL without query, fragment or trailing slash (plain http only on loopback)'

/**
 * What is wrong with an issuer. It is taken only as it will stand in tokens and metadata: it is
 * compared byte by byte (RFC 8414 §3.3, RFC 9068 §4), so another spelling of the same URL is
 * refused, with the right one.
 */
export function issuerComplaint(text: string): string | undefined {
  if (text.length > 255) return 'at most 255 characters'
  const url = URL.parse(text)
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return issuerAccepts
  if (url.username !== '' || url.password !== '') return 'a URL without a user name or password'
  if (/[?#]/.test(text)) return 'a URL without query and fragment'
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'an https URL: plain http is for loopback hosts alone'
  }
  return pathComplaint(url.pathname) ?? spellingComplaint(url, text)
}

/** A router compares paths decoded, and takes such parts for patterns. */
function pathComplaint(path: string): string | undefined {
  if (path.includes('%')) return 'a URL whose path needs no percent-encoding'
  return /\/[:*]/.test(path) ? 'a URL whose path has no part that begins with : or *' : undefined
}

function spellingComplaint(url: URL, text: string): string | undefined {
  const spelling = (url.origin + url.pathname).replace(/\/+$/, '')
  return spelling === text ? undefined : `written exactly so: ${spelling}`
}

function isLoopback(hostname: string): boolean {
  return /^(127(\.\d{1,3}){3}|\[?::1\]?|(.+\.)?localhost)$/.test(hostname)
}

/**
 * Names the place by address: `localhost` may mean ::1 to a client, and then nobody answers it.
 * RFC 8252 §8.3.
 */
export function loopbackIssuer(host: string, port: number): string | undefined {
  const address = host.replace(/^0\.0\.0\.0$/, '127.0.0.1').replace(/^::$/, '::1')
  if (!isLoopback(address)) return undefined
  return URL.parse(`http://${address.includes(':') ? `[${address}]` : address}:${port}`)?.origin
}

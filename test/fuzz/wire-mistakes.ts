import type { Chance } from './chance.ts'
import type { Request } from './request.ts'

export function framing(request: Request, random: Chance): void {
  const { body } = request
  request.headers.push(
    ...random.of<[string, string][]>([
      [
        [
          'Content-Length',
          random.of([
            '-1',
            '+1',
            '0x10',
            '1e3',
            '',
            ' ',
            '99999999999999999999',
            '1, 1',
            '5',
            `${body.length + 9}`,
          ]),
        ],
      ],
      [
        ['Content-Length', String(body.length)],
        ['Content-Length', String(body.length + 1)],
      ],
      [
        ['Content-Length', String(body.length)],
        ['Transfer-Encoding', 'chunked'],
      ],
      [
        [
          'Transfer-Encoding',
          random.of([
            'gzip',
            'identity',
            'chunked, chunked',
            'gzip, chunked',
            'xchunked',
            '"chunked"',
            ' ',
            'CHUNKED',
          ]),
        ],
      ],
      [['Transfer-Encoding', 'chunked']],
      [['Transfer-Encoding', 'chunked']],
    ]),
  )
  request.body = random.of([
    body,
    `${chunk(body)}0\r\n\r\n`,
    `${chunk(body)}0\r\nX: ${random.bytes(20)}\r\n\r\n`,
    `fffffffffffffffff\r\n${body}`,
    `-1\r\n${body}`,
    `${body.length.toString(16)};a=${'x'.repeat(random.below(20_000))}\r\n${body}\r\n0\r\n\r\n`,
    body
      .split('')
      .map((character) => chunk(character))
      .join(''),
  ])
}

export function header(request: Request, random: Chance): void {
  const name = random.of([
    'Host',
    'Content-Type',
    'Authorization',
    'Connection',
    'Expect',
    'Upgrade',
    'traceparent',
    'X-Forwarded-For',
    'Forwarded',
    'Accept',
    'User-Agent',
    'If-None-Match',
    'Content-Encoding',
    'Cookie',
    '__proto__',
    'constructor',
    '',
    ' ',
    'a b',
    '\u00FF',
  ])
  const value = random.of([
    '',
    'a',
    'a, b',
    '*',
    '100-continue',
    'h2c',
    'upgrade',
    'close, keep-alive',
    'gzip',
    '[object Object]',
    '\0',
    '\t',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '1.2.3.4, ::1, unknown, "_x"',
    'W/"x", *',
    'application/x-www-form-urlencoded; charset=utf-16',
    'multipart/form-data; boundary=',
    random.bytes(30),
    'x'.repeat(random.below(20_000)),
  ])
  const times = random.of([1, 1, 1, 2, 50])
  for (let count = 0; count < times; count += 1) request.headers.push([name, value])
}

export function place(request: Request, random: Chance): void {
  request.method = random.of([
    'GET',
    'HEAD',
    'PUT',
    'OPTIONS',
    'TRACE',
    'CONNECT',
    'post',
    'POST',
    'PROPFIND',
    'FOO',
    'P\0ST',
  ])
  request.version = random.of([
    'HTTP/1.1',
    'HTTP/1.1',
    'HTTP/1.0',
    'HTTP/2.0',
    'HTTP/0.9',
    'HTTP/1.1 ',
    'http/1.1',
    '',
  ])
  request.target = random.of([
    '/oauth2/token',
    '/oauth2/token?client_secret=x',
    '/oauth2/token/',
    '//oauth2/token',
    '/oauth2/../oauth2/token',
    '/%6fauth2/token',
    '/.well-known/jwks.json',
    '/.well-known/oauth-authorization-server',
    '/health/live',
    '/health/ready',
    '/',
    '*',
    'http://a/oauth2/token',
    'https://[::1',
    'http://',
    'a:443',
    '/\\',
    '/\u00FF',
    '/%ff',
    '/#',
    '',
    `/${random.bytes(20)}`,
  ])
}

export function encoding(request: Request, random: Chance): void {
  request.body = random.of([
    wide(request.body),
    `\u00FF\u00FE${wide(request.body)}`,
    `\u00EF\u00BB\u00BF${request.body}`,
    `\u001F\u008B\u0008${random.bytes(30)}`,
    JSON.stringify({ grant_type: 'client_credentials' }),
    '',
    random.bytes(300),
    request.body.replaceAll(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`),
  ])
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

function wide(text: string): string {
  return text
    .split('')
    .map((character) => `${character}\0`)
    .join('')
}

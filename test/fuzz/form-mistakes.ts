import type { Chance } from './chance.ts'
import type { Request } from './request.ts'

export function authorization(request: Request, random: Chance): void {
  const value = random.of([
    'Basic',
    'Basic ',
    'Basic =',
    'Basic ====',
    `Basic ${btoa(':')}`,
    `Basic ${btoa('a')}`,
    `Basic ${btoa('%zz:%00')}`,
    `Basic ${btoa(random.bytes(40))}`,
    `Basic ${btoa('a:b').repeat(300)}`,
    'Bearer x',
    'Digest username="a"',
    random.bytes(60),
  ])
  request.headers = request.headers.filter(
    ([name]) => name !== 'Authorization' || random.below(3) === 0,
  )
  request.headers.push(['Authorization', value])
}

const names = [
  'grant_type',
  'client_id',
  'client_secret',
  'scope',
  'resource',
  'audience',
  'authorization_details',
  'client_assertion',
  'client_assertion_type',
  '__proto__',
  'constructor',
  'toString',
  '',
  '%00',
  'grant_type[]',
  'scope[a][b]',
] as const

export function parameter(request: Request, random: Chance): void {
  const value = random.of([
    '',
    'a',
    '%',
    '%zz',
    '%00',
    '%ff%fe',
    '%c0%af',
    '%ed%a0%80',
    '+',
    '&',
    '=',
    '"',
    '\\',
    '*',
    'client_credentials',
    'a+b+c',
    'https://api.example.com',
    'https://api.example.com#x',
    '//',
    'urn:',
    'http://[::1',
    'javascript:x',
    random.bytes(30),
    encodeURIComponent(random.bytes(30)),
  ])
  request.body += `&${random.of(names)}${random.of(['=', '=', '=', '', '=='])}${value}`.repeat(
    random.of([1, 1, 2, 3]),
  )
}

export function details(request: Request, random: Chance): void {
  const depth = random.below(3000)
  const text = random.of([
    '[',
    '{}',
    '[]',
    'null',
    '[null]',
    '[1e999]',
    '[{"type":"role"}]',
    '[{"type":"role","__proto__":{"role":"a"}}]',
    '[{"type":["role"]}]',
    '[{"type":"role","role":"a","resource":"b","permissions":[{}]}]',
    '[{"type":"role","type":"role"}]',
    '\u00EF\u00BB\u00BF[]',
    '['.repeat(depth) + ']'.repeat(depth),
    `[${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}]`,
    `[${'{},'.repeat(depth)}{}]`,
    `["${'\\u0000'.repeat(depth)}"]`,
  ])
  request.body += `&authorization_details=${encodeURIComponent(text)}`
}

export function huge(request: Request, random: Chance): void {
  const size = random.of([1000, 8000, 16_000, 16_500, 70_000])
  const add = random.of<() => void>([
    () => (request.body += `&scope=${'a+'.repeat(size / 2)}`),
    () => (request.body += '&a=b'.repeat(size / 4)),
    () => (request.body += `&${'n'.repeat(size)}=1`),
    () => (request.body += `&client_id=${'%41'.repeat(size / 3)}`),
    () => (request.target += `?${'q'.repeat(size)}`),
    () => request.headers.push(['X', 'x'.repeat(size)]),
  ])
  add()
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { linkPages } from '../../../src/domain/link.ts'
import { openEdge } from '../edge.ts'

const pages = Object.values(linkPages)
const issuer = 'https://id.example.com/tenant'

describe('a page of the console', () => {
  it.each(pages)('is there for a link: %s', async (path) => {
    const { url } = await openEdge({}, { issuer })
    const response = await fetch(`${url}/tenant${path}`)
    expect(response.status).toBe(200)
    const { headers } = response
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    )
    expect(Object.fromEntries(headers)).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
      'trace-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  it.each(pages)('is made of files of this server alone: %s', async (path) => {
    const { url } = await openEdge({}, { issuer })
    const html = await (await fetch(`${url}/tenant${path}`)).text()
    const addresses = Array.from(html.matchAll(/(?:src|href|data-api)="([^"]*)"/g), ([, at]) => at)
    const files = addresses.filter((at) => at?.startsWith('/tenant/console/assets/') === true)
    expect(new Set(addresses)).toEqual(new Set([...files, '/tenant/api/v1', '#']))
    for (const file of files) expect((await fetch(`${url}${file}`)).status).toBe(200)
    // Nothing that the policy would stop: no script, style or handler in the page itself.
    expect(html).not.toMatch(/<style|<script(?! type="module" src=)|\son\w+=|\sstyle=/)
  })

  it('is sent again only if it has changed', async () => {
    const { url } = await openEdge()
    const etag = (await fetch(`${url}/console/setup`)).headers.get('etag') ?? ''
    const again = await fetch(`${url}/console/setup`, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    expect(again.headers.get('etag')).toBe(etag)
    expect(again.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('takes nothing: what is typed goes to the API, and by its script alone', async () => {
    const { url } = await openEdge()
    const response = await fetch(`${url}/console/setup`, { method: 'POST', body: 'password=x' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    expect((await fetch(`${url}/console/setup`, { method: 'HEAD' })).status).toBe(200)
  })

  it('is one of those there are', async () => {
    const { url } = await openEdge()
    expect((await fetch(`${url}/console/settings`)).status).toBe(404)
    expect((await fetch(`${url}/console/assets/console.ts`)).status).toBe(404)
  })

  it('has each of its files sent as what it is, guarded like the page', async () => {
    const { url } = await openEdge()
    const types: Record<string, string> = {
      css: 'text/css; charset=utf-8',
      js: 'text/javascript; charset=utf-8',
      svg: 'image/svg+xml',
    }
    const folder = join(import.meta.dirname, '../../../src/http/console/assets')
    for (const name of await readdir(folder)) {
      const { status, headers } = await fetch(`${url}/console/assets/${name}`)
      expect([name, status]).toEqual([name, 200])
      expect(headers.get('content-type')).toBe(types[name.split('.')[1] ?? ''])
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('etag')).toMatch(/^"[\w-]+"$/)
    }
  })
})

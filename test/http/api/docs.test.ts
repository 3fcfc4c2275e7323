import { describe, expect, it } from 'vitest'
import { advice } from '../../../src/http/api/docs/advice.ts'
import { referencePage } from '../../../src/http/api/docs/page.ts'
import { openApiDocument } from '../../../src/http/api/openapi/openapi.ts'
import { problemFaces } from '../../../src/http/api/problems/problem-table.ts'
import { apiRoutes } from '../../../src/http/api/routes.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()

describe('GET /api/v1/docs', () => {
  it('is a page that loads its own style sheet and nothing else', async () => {
    const page = await fetched('docs')
    expect(page).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' })
    expect(page.policy).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(page.text).not.toMatch(/<script|<style|style=|\son\w+=|<img|<iframe/)
    const links = [...page.text.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link)
    expect(new Set(links.filter((link) => !link.startsWith('#')))).toEqual(
      new Set(['docs.css', 'openapi.json']),
    )
    const sheet = await fetched('docs.css')
    expect(sheet).toMatchObject({ status: 200, type: 'text/css; charset=utf-8' })
    expect(sheet.text).not.toMatch(/url\(|@import/)
  })

  it('is found with a slash behind it, as people type it', async () => {
    const url = `${api().issuer}/api/v1/docs/`
    const { status, headers } = await fetch(url, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([308, `${api().issuer}/api/v1/docs`])
  })

  it('is asked for again only when it has changed', async () => {
    const { etag } = await fetched('docs')
    expect(await fetched('docs', { 'if-none-match': etag })).toMatchObject({
      status: 304,
      text: '',
    })
  })

  it('has a place for each route and each problem, and for all that it links to', async () => {
    const { text } = await fetched('docs')
    const places = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id = '']) => id)
    expect(new Set(places).size).toBe(places.length)
    const wanted = [
      ...apiRoutes.map(({ operationId }) => operationId),
      ...Object.keys(problemFaces).map((code) => `problem-${code}`),
      ...[...text.matchAll(/href="#([^"]*)"/g)].map(([, id = '']) => id),
    ]
    expect(wanted.filter((id) => !places.includes(id))).toEqual([])
  })

  it('shows acceptance with all that somebody new sends', () => {
    expect(articleOf('acceptInvitation')).toMatch(
      /&quot;token&quot;[^]*&quot;name&quot;[^]*&quot;password&quot;/,
    )
  })

  it('advises to send what the call takes', () => {
    const named = [...advice.totp_needed.matchAll(/`(\w+)`/g)].map(([, member]) => member)
    expect(named).toEqual(['code'])
    expect(articleOf('signIn')).toMatch(/>code</)
  })

  it('is where the type of a problem leads', async () => {
    const { body } = await api().nobody('GET', '/organizations')
    const [page = '', place = ''] = body.type.split('#')
    expect(page).toBe(`${api().issuer}/api/v1/docs`)
    expect((await fetched('docs')).text).toContain(`id="${place}"`)
  })

  it('tells of a route who may call it, what it takes and what it answers', () => {
    expect(articleOf('createServiceAccount')).toMatch(
      /service-accounts:manage<[^]*Owner, Member manager\.[^]*Idempotency-Key[^]*roles\[\]\.role_<wbr \/>id[^]*201[^]*#schema-ServiceAccount[^]*409[^]*#problem-service_account_name_taken/,
    )
    expect(articleOf('createServiceAccount')).toContain(
      'curl -X POST &quot;$API/organizations/$ORGANIZATION_ID/service-accounts&quot;',
    )
    expect(articleOf('rotateSigningKeys')).toContain('For operators of the server')
  })

  it('escapes what it is made of', async () => {
    const [route] = apiRoutes
    if (route === undefined) throw new Error('there are no routes')
    const summary = '<b onclick="x">&'
    const routes = [{ ...route, summary }]
    const issuer = 'https://id.example.com'
    const document = openApiDocument(routes, issuer)
    const made = await referencePage({ routes, document, issuer })
    expect(made).toContain('&lt;b onclick=&quot;x&quot;&gt;&amp;')
    expect(made).not.toContain(summary)
  })
})

const issuer = 'https://id.example.com'
const whole = await referencePage({
  routes: apiRoutes,
  document: openApiDocument(apiRoutes, issuer),
  issuer,
})

function articleOf(operationId: string): string {
  const [, article = ''] =
    new RegExp(`<article id="${operationId}">([^]*?)</article>`).exec(whole) ?? []
  return article
}

async function fetched(file: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${api().issuer}/api/v1/${file}`, { headers })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    policy: response.headers.get('content-security-policy'),
    etag: response.headers.get('etag') ?? '',
    text: await response.text(),
  }
}

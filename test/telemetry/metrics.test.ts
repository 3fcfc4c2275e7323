import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenForScrapes } from '../../src/cli/metrics-server.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import { publicFace } from '../../src/protocol/token-response.ts'
import { metrics as table } from '../../src/telemetry/metric-table.ts'
import type { TestClient } from '../support/fixtures.ts'
import { requestToken } from '../support/fixtures.ts'
import { freePort } from '../support/processes.ts'
import type { TestServer } from '../support/server.ts'
import { openTestServer } from '../support/server.ts'

let server: TestServer
let client: TestClient
let issuer: string
let metricsUrl: string

beforeAll(async () => {
  server = await openTestServer()
  ;({ client, issuer, metricsUrl } = server)
})

afterAll(async () => server.close())

describe('GET /metrics', () => {
  it('counts tokens by algorithm and refusals by reason, and times both', async () => {
    const before = await scraped()
    expect((await requestToken({ issuer }, client)).status).toBe(200)
    expect((await requestToken({ issuer }, client)).status).toBe(200)
    expect((await requestToken({ issuer }, client, { scope: 'not:held' })).status).toBe(400)
    const after = await scraped()
    const grown = (series: string) => (after.get(series) ?? 0) - (before.get(series) ?? 0)
    expect(grown('countersign_tokens_issued_total{alg="ES256",memory="fresh"}')).toBe(2)
    expect(grown('countersign_token_requests_refused_total{reason="scope_not_held"}')).toBe(1)
    expect(grown('countersign_token_requests_refused_total{reason="secret_malformed"}')).toBe(0)
    const took = 'countersign_token_request_duration_seconds_count'
    expect(grown(`${took}{outcome="issued"}`)).toBe(2)
    expect(grown(`${took}{outcome="refused"}`)).toBe(1)
    expect(grown('countersign_memory_misses_total{kind="client"}')).toBe(1)
    expect(grown('countersign_memory_hits_total{kind="client"}')).toBeGreaterThanOrEqual(2)
    expect(grown('countersign_memory_entries{kind="client"}')).toBe(1)
  })

  it('tells how the process is', async () => {
    const found = await scraped()
    expect(found.get('countersign_ready')).toBe(1)
    expect(found.get('countersign_memory_age_seconds')).toBeLessThan(60)
    expect(found.get('countersign_log_rounds_total')).toBeGreaterThan(0)
    expect(found.get('countersign_log_position')).toBe(server.house.position())
    expect(found.get('countersign_memory_entries_max{kind="client"}')).toBe(1000)
    expect(found.get('countersign_lane_width{lane="slow"}')).toBe(1)
    expect(
      found.get('countersign_signing_keys{use="access_token",alg="ES256",state="active"}'),
    ).toBe(1)
    expect(found.get('countersign_signing_keys_unusable')).toBe(0)
    expect(found.has('countersign_signing_key_next_seconds')).toBe(false)
    expect([...found].some(([name]) => name.startsWith('countersign_build_info{'))).toBe(true)
    expect([...found].some(([name]) => name.startsWith('nodejs_eventloop_lag'))).toBe(true)
    const open = [...found].filter(([name]) => name.startsWith('countersign_database_connections{'))
    expect(open.some(([, value]) => value > 0)).toBe(true)
  })

  it('has a bounded number of series, and nothing in them that a caller chose [195]', async () => {
    await hostileTraffic()
    const first = await scraped()
    const marks = ['mark', client.id, client.secret, '127.0.0.1', 'sa_', 'csk_', 'mailto']
    await hostileTraffic()
    const text = await scrapedText()
    expect([...numbers(text).keys()].toSorted()).toEqual([...first.keys()].toSorted())
    // Those of Node are about 60; ours follow from closed sets.
    expect(first.size).toBeLessThan(400)
    for (const mark of marks) expect(text).not.toContain(mark)
    for (const [, labels = ''] of text.matchAll(/^countersign_\w+\{(.*)\}/gm)) {
      for (const [, word = ''] of labels.matchAll(/="([^"]*)"/g)) {
        expect(word).toMatch(/^(?:[a-z_]{1,40}|[A-Z][A-Za-z0-9-]{1,12}|[\d.]{1,10}|\+Inf)$/)
      }
    }
  })

  it('has a series for every algorithm and every reason, before it first happens', async () => {
    const found = await scraped()
    const took = 'countersign_token_request_duration_seconds_count'
    expect(found.get(`${took}{outcome="failed"}`)).toBe(0)
    for (const alg of signingAlgs) {
      expect(found.has(`countersign_tokens_issued_total{alg="${alg}",memory="stale"}`)).toBe(true)
    }
    const reasons = Object.keys(publicFace)
    for (const reason of reasons) {
      expect(found.has(`countersign_token_requests_refused_total{reason="${reason}"}`)).toBe(true)
    }
  })

  it('is all there is on its port, and is not on the public one', async () => {
    expect((await fetch(`${issuer}/metrics`)).status).toBe(404)
    expect((await fetch(metricsUrl, { method: 'POST' })).status).toBe(404)
    expect((await fetch(metricsUrl.replace('/metrics', '/health/live'))).status).toBe(404)
    const answer = await fetch(metricsUrl)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  })
})

describe('the server of metrics', () => {
  it('writes one text for all who ask at the same time', async () => {
    const port = await freePort()
    let written = 0
    const allHaveAsked = asked(port, 3)
    const text = async () => {
      written += 1
      await allHaveAsked
      return 'x 1\n'
    }
    const scrapes = await listenForScrapes(text, { host: '127.0.0.1', port })
    if (!scrapes.ok) throw new Error(scrapes.refusal.code)
    const ask = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['x 1\n', 'x 1\n', 'x 1\n'])
    expect(written).toBe(1)
    await ask()
    expect(written).toBe(2)
    await scrapes.value.close()
    await expect(ask()).rejects.toThrow('fetch failed')
  })

  it('is refused an address that another has, with the settings that choose another', async () => {
    const { port } = new URL(metricsUrl)
    const at = { host: '127.0.0.1', port: Number(port) }
    expect(await listenForScrapes(async () => '', at)).toMatchObject({
      ok: false,
      refusal: { code: 'EADDRINUSE', settings: ['METRICS_HOST', 'METRICS_PORT'] },
    })
  })
})

describe('docs/operations.md', () => {
  it('has a row for every metric, which says the same', async () => {
    const text = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
    const rows = text.match(/^\| `countersign_.*$/gm)
    const histogram =
      '| `countersign_token_request_duration_seconds` | histogram | `outcome` | From the head of a token request to its answer, by how it went. |'
    const ours = table.map(({ name, type, labels, help }) => {
      const words = labels.map((label) => `\`${label}\``).join(', ')
      return `| \`${name}\` | ${type} | ${words} | ${help} |`
    })
    expect(rows).toEqual([histogram, ...ours])
  })

  it('lists what the process tells of itself, and what is wrong with rejected requests', async () => {
    const text = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
    for (const name of ['notices_total', 'requests_rejected_total']) {
      const series = [...(await scraped()).keys()].filter((one) => one.includes(`_${name}{`))
      const words = series.map((one) => `\`${one.split('"')[1]}\``)
      const listed = new RegExp(`^- \`\\w+\` of \`${name}\`: (.*)\\.$`, 'm').exec(text)?.[1]
      expect(listed).toBe(words.join(', '))
    }
  })
})

/** Whatever a caller can choose, chosen anew each time. */
async function hostileTraffic(): Promise<void> {
  const mark = `mark${Math.random().toString(36).slice(2)}`
  const anybody = { ...client, secret: `${client.secret.slice(0, -3)}abc` as typeof client.secret }
  const stranger = { ...client, id: `sa_${mark}` as typeof client.id }
  const headers = { 'user-agent': mark, 'x-forwarded-for': '192.0.2.1', traceparent: mark }
  await Promise.all([
    fetch(`${issuer}/${mark}`, { headers }),
    fetch(`${issuer}/oauth2/token/${mark}`, { method: 'POST', headers }),
    fetch(`${issuer}/oauth2/token?${mark}=${mark}`, { method: 'POST', headers, body: mark }),
    fetch(`${issuer}/oauth2/token`, { method: 'DELETE', headers }),
    fetch(`${issuer}/${mark}/oauth2/token`, { method: 'PATCH', headers }),
    fetch(`${metricsUrl}/${mark}`, { headers }),
    requestToken({ issuer }, anybody, { scope: mark }),
    requestToken({ issuer }, stranger, { resource: `mailto:${mark}` }),
    requestToken({ issuer }, client, { scope: mark }),
    requestToken({ issuer }, client, { resource: `https://${mark}.example` }),
    requestToken({ issuer }, client, { grant_type: mark }),
    requestToken({ issuer }, client, { authorization_details: mark }),
    requestToken({ issuer }, client, { authorization_details: `[{"type":"${mark}"}]` }),
  ])
}

/** Until a server in this process has been asked so often. */
async function asked(port: number, times: number): Promise<void> {
  let left = times
  return new Promise((resolve) => {
    const count = (message: unknown) => {
      const { socket } = (message as { request: IncomingMessage }).request
      if (socket.localPort === port) left -= 1
      if (left > 0) return
      unsubscribe(channel, count)
      resolve()
    }
    subscribe(channel, count)
  })
}

const channel = 'http.server.request.start'

async function scrapedText(): Promise<string> {
  return (await fetch(metricsUrl)).text()
}

async function scraped(): Promise<ReadonlyMap<string, number>> {
  return numbers(await scrapedText())
}

/** The value of every series, but for what differs with the load on the machine that runs the test. */
function numbers(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines
      .filter((line) => !/^nodejs_(?:gc|active)/.test(line))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}

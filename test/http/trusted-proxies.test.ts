import { describe, expect, it } from 'vitest'
import { parseNetwork } from '../../src/protocol/network-address.ts'
import { formHeaders, openEdge } from './edge.ts'

const forwarded = {
  ...formHeaders,
  'x-forwarded-for': '203.0.113.9, 127.0.0.1',
  forwarded: 'for=192.0.2.1',
}
const post = {
  method: 'POST',
  headers: forwarded,
  body: 'grant_type=client_credentials&client_id=a&client_secret=b',
}

describe('where a request came from', () => {
  it.each<[string, string[] | undefined, string]>([
    ['is where its connection came from', undefined, '127.0.0.1'],
    ['is not believed of a stranger', ['10.0.0.0/8'], '127.0.0.1'],
    ['is believed of a trusted proxy, by X-Forwarded-For alone', ['127.0.0.0/8'], '203.0.113.9'],
  ])('%s [183]', async (_, named, network) => {
    const trustedProxies = named?.flatMap((text) => parseNetwork(text) ?? [])
    const seen: string[] = []
    const { url, events } = await openEdge({ trustedProxies })
    // The way of the ordinary request, and the other one.
    for (const path of ['/oauth2/token', '/oauth2/token?a=b']) await fetch(url + path, post)
    for (const event of events) if (event.kind === 'token_refused') seen.push(event.caller.network)
    expect(seen).toEqual([network, network])
  })
})

import { describe, expect, it } from 'vitest'
import { readAccept } from '../../../src/http/api/edge/accept.ts'

const [json, lines] = ['application/json', 'application/jsonl']

describe('the form of an answer', () => {
  it.each([
    [null, json],
    ['', json],
    ['*/*', json],
    ['application/*', json],
    ['application/json', json],
    ['application/jsonl', lines],
    ['Application/JSONL', lines],
    ['application/jsonl;charset=utf-8', lines],
    ['application/jsonl, application/json', json],
    ['application/json;q=0.9, application/jsonl', lines],
    ['application/jsonl, */*;q=0.1', lines],
    ['application/jsonl;q=0.1, */*', json],
    ['application/json;q=0, */*', lines],
    ['text/html, application/*;q=0.5', json],
    ['text/html', undefined],
    ['application/x-ndjson', undefined],
    ['application/json;q=0', undefined],
    ['application/jsonl;q=much', undefined],
    ['application/json;q=0, application/jsonl;q=0, */*', undefined],
    [',;,', undefined],
  ])('for %j is %s', (header, type) => {
    const refusal = { reason: 'not_acceptable', mediaTypes: [json, lines] }
    expect(readAccept(header)).toEqual(
      type === undefined ? { ok: false, refusal } : { ok: true, value: type },
    )
  })
})

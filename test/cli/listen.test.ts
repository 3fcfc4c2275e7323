import { describe, expect, it, onTestFinished } from 'vitest'
import { listen, listenRefusalText } from '../../src/cli/listen.ts'
import { milliseconds } from '../../src/domain/time.ts'
import { listening } from '../support/listening.ts'

describe('listening at an address that another process has', () => {
  it('is refused in words, with the address', async () => {
    const first = await listening(rooms)
    onTestFinished(async () => first.close(milliseconds(100)))
    const at = { host: '127.0.0.1', port: first.port }
    const second = await listen(rooms, at)
    expect(second).toEqual({
      ok: false,
      refusal: { reason: 'address_unavailable', code: 'EADDRINUSE', ...at },
    })
    if (second.ok) return
    expect(listenRefusalText(second.refusal)).toBe(
      `cannot listen on 127.0.0.1:${first.port}: another process is listening there. HOST and PORT choose another address.`,
    )
  })
})

const rooms = { fetch: () => new Response(), answerDirectly: () => false }

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { toResponse } from '../../../src/http/answer.ts'
import type { RoomEnv } from '../../../src/http/door.ts'
import { linesBody } from '../../../src/http/api/edge/lines.ts'
import { openEdge } from '../edge.ts'

const line = `${'x'.repeat(64 * 1024 - 1)}\n`

/** A server whose API answers with lines, and what was read of them. */
async function openLines(linesMax: number, fault?: Error) {
  const told = { read: 0, isOver: false, faults: new Array<unknown>() }
  async function* lines() {
    try {
      for (; told.read < linesMax; told.read += 1) yield line
      if (fault !== undefined) throw fault
    } finally {
      told.isOver = true
    }
  }
  const failed = (cut: RoomEnv['cut']) => (thrown: unknown) => {
    told.faults.push(thrown)
    cut?.()
  }
  const { url } = await openEdge({
    loadApi: async () => ({
      fetch: (_, { cut }) =>
        toResponse({ status: 200, headers: {}, body: linesBody(lines(), failed(cut)) }),
    }),
  })
  return { told, url: `${url}/api/lines` }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !isSo(); turn += 1) await pause(10)
  expect(isSo()).toBe(true)
}

describe('an answer of lines', () => {
  it('is all of them, one after the other', async () => {
    const { told, url } = await openLines(50)
    const response = await fetch(url)
    expect(response.headers.get('content-length')).toBeNull()
    expect(await response.text()).toBe(line.repeat(50))
    expect(told).toEqual({ read: 50, isOver: true, faults: [] })
  })

  it('is not read on while nobody takes it, nor after whoever asked has gone', async () => {
    const { told, url } = await openLines(10_000)
    const leave = new AbortController()
    const { body } = await fetch(url, { signal: leave.signal })
    await body?.getReader().read()
    await pause(300)
    const read = told.read
    expect(read).toBeLessThan(500)
    await pause(300)
    expect(told.read).toBe(read)
    leave.abort()
    await until(() => told.isOver)
    expect(told.read).toBeLessThan(500)
    expect(told.faults).toEqual([])
  })

  it('breaks off at a fault, with no word of it, and is not taken for the whole', async () => {
    const spoken = vi.spyOn(console, 'error')
    onTestFinished(() => spoken.mockRestore())
    const fault = new Error('the database said too much')
    const { told, url } = await openLines(3, fault)
    const reader = (await fetch(url)).body?.getReader()
    let text = ''
    const readAll = async () => {
      for (;;) {
        const part = await reader?.read()
        if (part?.value === undefined) return
        text += new TextDecoder().decode(part.value)
      }
    }
    await expect(readAll()).rejects.toThrow(TypeError)
    expect(text).not.toContain('too much')
    expect(told).toEqual({ read: 3, isOver: true, faults: [fault] })
    expect(spoken).not.toHaveBeenCalled()
  })
})

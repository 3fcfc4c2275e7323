import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Io } from './io.ts'

/** Several questions to the person at the terminal, one after another. */
export type Questions = {
  /** The answer; `undefined` if the person went away instead. */
  readonly ask: (question: string) => Promise<string | undefined>
  /** The same, but what is typed does not appear. */
  readonly askHidden: (question: string) => Promise<string | undefined>
  readonly close: () => void
}

export function openQuestions({ stdin, stderr, ended }: Io): Questions {
  let isHidden = false
  const output = new Writable({
    write: (chunk, _, done) => {
      if (!isHidden) stderr.write(String(chunk))
      done()
    },
  })
  // In this way the terminal itself repeats nothing; and nothing is kept for the arrow keys.
  const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 })
  let isClosed = false
  const close = () => lines.close()
  lines.once('close', () => (isClosed = true))
  lines.once('SIGINT', close)
  ended.addEventListener('abort', close, { once: true })
  const answers = lines[Symbol.asyncIterator]()
  const next = async () => {
    const answer = await answers.next()
    return answer.done === true ? undefined : answer.value.trim()
  }
  return {
    ask: async (question) => {
      lines.setPrompt(question)
      if (!isClosed) lines.prompt()
      return next()
    },
    askHidden: async (question) => {
      stderr.write(question)
      isHidden = true
      const answer = await next()
      isHidden = false
      stderr.write('\n')
      return answer
    },
    close,
  }
}

import { open } from 'node:fs/promises'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Io } from './io.ts'

export type TextFileRefusal = {
  readonly reason: 'file_unusable'
  readonly file: string
  readonly why: string
}

/** Reads a text from a file; `-` is standard input. */
export type ReadText = (file: string) => Promise<Result<string, TextFileRefusal>>

const charactersMax = 65_536

export function textReader({ stdin }: Pick<Io, 'stdin'>): ReadText {
  return async (file) => {
    const name = fileName(file)
    try {
      const text = file === '-' ? await textWithin(stdin) : await textIn(file)
      return text === undefined ? unusable(name, 'it is too large') : accept(text)
    } catch (error) {
      return unusable(name, error instanceof Error ? error.message : 'it cannot be read')
    }
  }
}

export function fileName(file: string): string {
  return file === '-' ? 'standard input' : file
}

async function textIn(file: string): Promise<string | undefined> {
  const handle = await open(file)
  try {
    return await textWithin(handle.createReadStream({ encoding: 'utf8', autoClose: false }))
  } finally {
    await handle.close()
  }
}

async function textWithin(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  let text = ''
  for await (const part of stream) {
    text += part.toString()
    if (text.length > charactersMax) return undefined
  }
  return text
}

function unusable(file: string, why: string) {
  return refuse({ reason: 'file_unusable', file, why } as const)
}

import { readFile, rename, writeFile } from 'node:fs/promises'
import { parseAudience } from '../domain/api.ts'
import { parseId } from '../domain/id.ts'
import { parseName } from '../domain/name.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Demo, DemoAccount } from './demo.ts'
import { memberOf, parseJson, textOf } from './json.ts'

export type DemoRefusal = { readonly reason: 'demo_unusable'; readonly problem: string }

/** Remembers the demo; the file is there whole or not at all. */
export async function writeDemo(file: string, demo: Demo): Promise<void> {
  const draft = `${file}.draft`
  await writeFile(draft, JSON.stringify(demo), { mode: 0o600 })
  await rename(draft, file)
}

/** The demo as it was remembered; `undefined` if there is no such file. */
export async function readDemo(file: string): Promise<Result<Demo | undefined, DemoRefusal>> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return accept(undefined)
  const demo = parseDemo(text)
  return demo === undefined ? demoUnusable(`${file} cannot be read`) : accept(demo)
}

export function demoUnusable(problem: string) {
  return refuse({ reason: 'demo_unusable', problem } satisfies DemoRefusal)
}

function parseDemo(text: string): Demo | undefined {
  const kept = parseJson(text)
  const organization = parseId('organization', textOf(kept, 'organization'))
  const audience = parseAudience(textOf(kept, 'audience'))
  const terraform = parseAccount(memberOf(kept, 'terraform'))
  const ci = parseAccount(memberOf(kept, 'ci'))
  return organization && audience && terraform && ci
    ? { organization, audience, terraform, ci }
    : undefined
}

function parseAccount(kept: unknown): DemoAccount | undefined {
  const id = parseId('service_account', textOf(kept, 'id'))
  const name = parseName(textOf(kept, 'name'))
  return id && name && { id, name }
}

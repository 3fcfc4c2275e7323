import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import { heard, wordsOf } from './terminal.ts'

const exec = promisify(execFile)

async function scriptFor(shell: string): Promise<string> {
  const { io, said } = heard({})
  const { code, stdout } = said(await run(['completion', shell], io))
  expect(code).toBe(0)
  return stdout
}

describe('completion in bash', () => {
  let script = ''
  beforeAll(async () => {
    script = await scriptFor('bash')
  })

  /** What bash offers in the place of the last word, each on a line. */
  async function offered(line: string): Promise<readonly string[]> {
    const words = line.split(' ')
    const { stdout } = await exec('bash', [
      '-uc',
      `set +u; eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _countersign; printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      script,
      ...words,
    ])
    return stdout.trim().split('\n')
  }

  it('offers commands, verbs, options and the few values that some take', async () => {
    expect(await offered('countersign acc')).toEqual(['account'])
    expect(await offered('countersign help mig')).toEqual(['migrate'])
    expect(await offered('countersign account cr')).toEqual(['create'])
    expect(await offered('countersign account create --desc')).toEqual(['--description'])
    expect(await offered('countersign account create ci --role Reader --exp')).toEqual([
      '--expires',
    ])
    expect(await offered('countersign token --he')).toEqual(['--header', '--help'])
    expect(await offered('countersign api create --signing-alg ES')).toEqual(['ES256'])
    expect(await offered('countersign completion f')).toEqual(['fish'])
    expect(await offered('countersign application-key ')).toEqual(['list', 'show'])
    expect(await offered('countersign secret create ci --b')).toEqual(['--body'])
  })

  it('offers nothing where only the caller knows the word', async () => {
    expect(await offered('countersign account create ci --role ')).toEqual([''])
    expect(await offered('countersign token --profile ')).toEqual([''])
  })

  it('is registered for the program', async () => {
    const { stdout } = await exec('bash', ['-c', 'eval "$1"; complete -p countersign', 'x', script])
    expect(stdout).toBe('complete -F _countersign countersign\n')
  })
})

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s knows every command that help knows', async (shell) => {
    const script = await scriptFor(shell)
    const { io, said } = heard({})
    const { stdout } = said(await run(['--help'], io))
    const commands = Array.from(stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm), ([, name = '']) => name)
    expect(commands).toEqual(
      expect.arrayContaining(['serve', 'whoami', 'account', 'application-key']),
    )
    for (const name of commands) expect(script).toMatch(new RegExp(`\\b${name}\\b`))
    expect(script).toContain('remove-member')
  })

  it('is not made for another shell', async () => {
    const { io, said } = heard({})
    const { code, stderr } = said(await run(wordsOf('completion tcsh'), io))
    expect(code).toBe(2)
    expect(stderr).toContain('<shell> must be one of bash, zsh, fish, not "tcsh"')
  })
})

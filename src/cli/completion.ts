import { accept } from '../domain/result.ts'
import { bashCompletion } from './completion/bash.ts'
import { fishCompletion } from './completion/fish.ts'
import type { Level } from './completion/levels.ts'
import { levelsOf } from './completion/levels.ts'
import { zshCompletion } from './completion/zsh.ts'
import type { Commands } from './command-line.ts'
import type { Field } from './inputs.ts'
import { required } from './inputs.ts'
import type { Program } from './program.ts'
import { program } from './program.ts'

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

type Shell = keyof typeof scripts

const shells = ['bash', 'zsh', 'fish'] as const satisfies readonly Shell[]

const shellField: Field<Shell> = {
  placeholder: '<shell>',
  accepts: `one of ${shells.join(', ')}`,
  explained: true,
  choices: shells,
  parse: (text) => shells.find((shell) => shell === text),
}

/** `countersign completion`: the script by which a shell completes the commands of this very program. */
export function completion(all: () => Commands): Program {
  return program({
    name: 'completion',
    summary: 'Print the completions for a shell',
    notes: [
      'For bash: source <(countersign completion bash), in ~/.bashrc. For zsh the same with zsh, after compinit. For fish: countersign completion fish > ~/.config/fish/completions/countersign.fish.',
    ],
    afar: true,
    arguments: { shell: required(shellField, 'Which one') },
    options: {},
    run: async ({ shell }, { stdout }) => {
      const levels: readonly Level[] = levelsOf(all())
      stdout.write(scripts[shell](levels))
      return accept(undefined)
    },
  })
}

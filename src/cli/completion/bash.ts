import type { Level, Word } from './levels.ts'

/** For bash from 3.2, which macOS has: no associative arrays. */
export function bashCompletion(levels: readonly Level[]): string {
  const [top, ...rest] = levels
  return `# bash completion for countersign; made by: countersign completion bash
_countersign() {
  local word="\${COMP_WORDS[COMP_CWORD]}" last="\${COMP_WORDS[COMP_CWORD-1]}" words=
  local said="\${COMP_WORDS[1]} \${COMP_WORDS[2]}"
  case "$COMP_CWORD \${COMP_WORDS[1]}" in
    1\\ *) words='${wordsOf(top?.next ?? [])}' said= ;;
${rest.filter(isSecondWord).map(secondWord).join('\n')}
  esac
  case "$said" in
${rest
  .filter(({ isCommand }) => isCommand)
  .map(options)
  .join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _countersign countersign
`
}

function isSecondWord({ said, isCommand }: Level): boolean {
  return said.length === 1 && !isCommand
}

function secondWord({ said, next }: Level): string {
  return `    '2 ${said.join(' ')}') words='${wordsOf(next)}' said= ;;`
}

/** After an option that takes a value comes one of its values, or a word that only the caller knows. */
function options({ said, next }: Level): string {
  const valued = next.filter(({ takesValue }) => takesValue)
  const values = valued
    .filter((one) => one.values.length > 0)
    .map((one) => `${one.word}) words='${one.values.join(' ')}' ;; `)
  const others = valued.filter((one) => one.values.length === 0).map(({ word }) => word)
  const free = others.length === 0 ? '' : `${others.join('|')}) words= ;; `
  const pattern = said.length === 1 ? `'${said[0]} '*` : `'${said.join(' ')}'`
  return `    ${pattern}) case "$last" in ${values.join('')}${free}*) words='${wordsOf(next)}' ;; esac ;;`
}

function wordsOf(words: readonly Word[]): string {
  return words.map(({ word }) => word).join(' ')
}

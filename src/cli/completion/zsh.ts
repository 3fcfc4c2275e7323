import type { Level, Word } from './levels.ts'

/** Works both sourced and as the file `_countersign` in a folder of `fpath`. */
export function zshCompletion(levels: readonly Level[]): string {
  return `#compdef countersign
# zsh completion for countersign; made by: countersign completion zsh
_countersign() {
  local -a next
  local said="\${(j: :)words[2,CURRENT-1]}"
  case "$said" in
${levels.map(level).join('\n')}
  esac
}
if [ "$funcstack[1]" = _countersign ]; then _countersign "$@"; else compdef _countersign countersign; fi
`
}

function level({ said, next, isCommand }: Level): string {
  const pattern = isCommand
    ? `${quoted(said.join(' '))}|${quoted(`${said.join(' ')} `)}*`
    : quoted(said.join(' '))
  const words = next.map(({ word, about }) => quoted(`${word}:${about}`)).join(' ')
  const values = isCommand ? valuesAfter(next) : ''
  return `    ${pattern}) ${values}next=(${words}); _describe countersign next ;;`
}

/** After an option that takes a value comes one of its values, or a word that only the caller knows. */
function valuesAfter(words: readonly Word[]): string {
  const arms = words
    .filter(({ takesValue }) => takesValue)
    .map(({ word, values }) =>
      values.length === 0
        ? `${word}) return ;;`
        : `${word}) compadd -- ${values.map(quoted).join(' ')}; return ;;`,
    )
  return arms.length === 0 ? '' : `case "$words[CURRENT-1]" in ${arms.join(' ')} esac; `
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

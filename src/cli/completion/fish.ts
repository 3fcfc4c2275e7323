import type { Level, Word } from './levels.ts'

export function fishCompletion(levels: readonly Level[]): string {
  return `# fish completion for countersign; made by: countersign completion fish
function __countersign_said --description 'whether these words were said, and no others'
    set -l said (commandline -opc)
    set -e said[1]
    test "$said" = "$argv"
end
function __countersign_began --description 'whether these words were said first'
    set -l said (commandline -opc)
    set -e said[1]
    string match -q -- "$argv *" "$said "
end
complete -c countersign -f
${levels.flatMap((level) => level.next.map((word) => line(level, word))).join('\n')}
`
}

function line({ said, isCommand }: Level, { word, about, takesValue, values }: Word): string {
  const test = isCommand ? '__countersign_began' : '__countersign_said'
  const condition = quoted([test, ...said].join(' '))
  const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
  const value = takesValue ? ' -x' : ''
  const choice = values.length === 0 ? '' : ` -a ${quoted(values.join(' '))}`
  return `complete -c countersign -n ${condition} ${what}${value}${choice} -d ${quoted(about)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}

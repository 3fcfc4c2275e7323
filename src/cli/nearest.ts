// What other programs call the same thing.
const synonyms: Readonly<Record<string, string>> = {
  add: 'create',
  credential: 'secret',
  delete: 'remove',
  edit: 'change',
  get: 'show',
  grant: 'binding',
  ls: 'list',
  new: 'create',
  permission: 'role',
  register: 'create',
  rm: 'remove',
  'service-account': 'account',
  update: 'change',
}

/** The word that was probably meant, if any is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // Of two verbs for one thing, the one that begins with the very word: add-member, not create.
  const longer = known.find((candidate) => candidate.startsWith(`${word}-`))
  if (longer !== undefined) return longer
  const meant = synonyms[word] ?? word
  const near = known
    .map((candidate) => ({ candidate, distance: distance(meant, candidate) }))
    .filter(({ candidate, distance: away }) => away <= Math.max(1, candidate.length / 3))
    .toSorted((a, b) => a.distance - b.distance)
  return near[0]?.candidate ?? known.find((candidate) => candidate.startsWith(meant))
}

/** How many letters to add, leave out or replace (Levenshtein). */
function distance(from: string, to: string): number {
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [row, letter] of from.split('').entries()) {
    const next = [row + 1]
    for (const [column, above] of last.slice(1).entries()) {
      const replaced = (last[column] ?? 0) + (to[column] === letter ? 0 : 1)
      next.push(Math.min(replaced, above + 1, (next[column] ?? 0) + 1))
    }
    last = next
  }
  return last.at(-1) ?? 0
}

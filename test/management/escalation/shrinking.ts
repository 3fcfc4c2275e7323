/**
 * The same story without what it does not need to go wrong: first large parts of it are left out, then
 * smaller ones, then single steps (delta debugging; Zeller and Hildebrandt, 2002). Whatever is left out
 * changes neither the time nor the numbers of the others.
 */
export async function shortened<One>(
  story: readonly One[],
  goesWrong: (story: readonly One[]) => Promise<boolean>,
  /** When to leave it at what was found; as of `Date.now`. */
  deadline: number,
): Promise<readonly One[]> {
  let shortest = story
  for (let size = Math.ceil(story.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < shortest.length && Date.now() < deadline;) {
      const rest = [...shortest.slice(0, from), ...shortest.slice(from + size)]
      if (await goesWrong(rest)) shortest = rest
      else from += size
    }
  }
  return shortest
}

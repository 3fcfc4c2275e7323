import type { After, Undo } from './stage.ts'

export type Undoing = {
  readonly after: After
  /**
   * Undoes what has not been undone yet, the last first. What fails is told, and the rest goes on.
   * Nothing can be set up after it.
   */
  readonly undo: () => Promise<void>
}

export function undoing(tell: (line: string) => void): Undoing {
  const steps: Undo[] = []
  let isOver = false
  const undoAll = async () => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      await step().catch((error: unknown) => tell(`could not clean up: ${String(error)}`))
    }
  }
  let undone: Promise<void> = Promise.resolve()
  return {
    after: (step) => {
      if (isOver) throw new Error('it is over')
      steps.push(step)
    },
    // Whoever asks while it goes on waits until it is done.
    undo: async () => {
      isOver = true
      undone = undone.then(undoAll)
      await undone
    },
  }
}

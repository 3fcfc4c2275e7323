/** Lines of text, some at a time, each with its end. Whoever wants no more of them says `return`. */
export type Lines = {
  readonly next: () => Promise<IteratorResult<string, void>>
  readonly return: () => Promise<unknown>
}

/** The same lines, with the first of them read: what fails before an answer is answered as a fault. */
export async function begun(lines: Lines): Promise<Lines> {
  const first = await lines.next()
  let held: typeof first | undefined = first
  // No generator: one that nobody has asked yet passes no `return` on.
  return {
    next: async () => {
      if (held === undefined) return lines.next()
      const step = held
      held = undefined
      return step
    },
    return: async () => lines.return(),
  }
}

/**
 * Lines as the body of an answer. Nothing is read before the other side has taken what there is, and
 * nothing more once it has gone. `failed` is told of a fault on the way; unless it throws, the body
 * stays without an end.
 */
export function linesBody(
  lines: Lines,
  failed: (fault: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let isGone = false
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { value, done } = await lines.next()
          if (isGone) return
          if (done === true) controller.close()
          else controller.enqueue(encoder.encode(value))
        } catch (fault) {
          if (!isGone) failed(fault)
        }
      },
      cancel: async () => {
        isGone = true
        await lines.return()
      },
    },
    { highWaterMark: 0 },
  )
}

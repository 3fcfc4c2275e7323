/** Lines of text, some at a time, each with its end. */
export type Lines = AsyncGenerator<string>

/** The same lines, with the first of them read: what fails before an answer is answered as a fault. */
export async function begun(lines: Lines): Promise<Lines> {
  const first = await lines.next()
  return first.done === true ? lines : resumed(first.value, lines)
}

async function* resumed(first: string, rest: Lines): Lines {
  yield first
  yield* rest
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
        await lines.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

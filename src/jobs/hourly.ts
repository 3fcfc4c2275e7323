const everyMilliseconds = 60 * 60 * 1000

/** Does something at once, and then every hour. Returns how to stop. What fails is for `work` to tell. */
export function hourly(work: () => Promise<void>): () => Promise<void> {
  let running = work()
  const timer = setInterval(() => {
    running = running.then(work)
  }, everyMilliseconds)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}

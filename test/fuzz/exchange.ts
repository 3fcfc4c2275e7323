import { connect } from 'node:net'

export type Offender = {
  readonly offence: '5xx' | 'hangs'
  /** The bytes that were sent. */
  readonly hex: string
}

export type Exchange = {
  /** Of each response; `closed` if there was none. */
  readonly statuses: readonly string[]
  readonly offence: Offender['offence'] | undefined
  readonly hex: string
}

/** After this long without a word we say that no more will come: then there must be an end. */
const patienceMilliseconds = 150
const hangMilliseconds = 5000

/** Sends bytes over a connection of their own, and waits until they are answered or it is closed. */
export function exchange(port: number, request: string): Promise<Exchange> {
  const bytes = Buffer.from(request, 'latin1')
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const finish = (hangs: boolean) => {
      clearTimeout(patience)
      clearTimeout(deadline)
      socket.destroy()
      const found = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = '']) => status)
      const statuses = found.length === 0 ? ['closed'] : found
      const is5xx = statuses.some((status) => status.startsWith('5'))
      resolve({
        statuses,
        offence: hangs ? 'hangs' : is5xx ? '5xx' : undefined,
        hex: bytes.toString('hex'),
      })
    }
    const patience = setTimeout(() => {
      if (text === '') socket.end()
      else finish(false)
    }, patienceMilliseconds)
    const deadline = setTimeout(() => finish(true), hangMilliseconds)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      // What is left of the request may be another one; its answer comes at once.
      if (!text.startsWith('HTTP/1.1 100')) setTimeout(() => finish(false), 5)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => finish(false))
    socket.write(bytes)
  })
}

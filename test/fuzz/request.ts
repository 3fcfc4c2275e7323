export type Request = {
  method: string
  target: string
  version: string
  headers: [name: string, value: string][]
  /** Written as it is; its length is announced unless a header is about framing. */
  body: string
}

/** What a command sees of the world outside: passed in, so that tests run commands in-process. */
export type Io = {
  readonly stdout: {
    readonly write: (text: string) => unknown
    readonly isTTY?: boolean | undefined
  }
  readonly stderr: { readonly write: (text: string) => unknown }
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }
  /** Whether what is written is for a script: then it is documents alone, on standard error too. */
  readonly isJson?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the process is asked to end; the reason is the signal, SIGTERM or SIGINT. */
  readonly ended: AbortSignal
}

/**
 * 0 done; 1 refused; 2 not understood; 3 the database or the server did not answer; 4 the answer was
 * lost, and what was asked may be done.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4

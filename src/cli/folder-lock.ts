import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'

export type FolderLock = { readonly release: () => Promise<void> }

export type FolderLockRefusal = {
  readonly reason: 'folder_in_use'
  readonly holder: number
  /** The profiles by which the same can be asked of a server, where it can. */
  readonly profiles?: readonly string[]
}

/** Who holds a lock: process ids are used again, so the moment of its start is a part of the name. */
type Holder = { readonly pid: number; readonly startedAt: string }

const triesMax = 10

/**
 * Lets one process into a folder. The embedded database would let a second one in and lose rows. A
 * lock whose process is gone is taken over.
 */
export async function lockFolder(folder: string): Promise<Result<FolderLock, FolderLockRefusal>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'lock')
  const mine = JSON.stringify({
    pid: process.pid,
    startedAt: (await statOf(process.pid))?.startedAt ?? 'unknown',
  } satisfies Holder)
  for (let attempt = 0; attempt < triesMax; attempt += 1) {
    if (await create(path, mine)) {
      return accept({ release: async () => rm(path, { force: true }) })
    }
    const theirs = await read(path)
    const holder = theirs === undefined ? undefined : parseHolder(theirs)
    if (holder !== undefined && (await isAlive(holder))) {
      return refuse({ reason: 'folder_in_use', holder: holder.pid })
    }
    if (theirs !== undefined) await putAside(path, theirs)
  }
  throw new Error(`${path} keeps changing hands`)
}

/** Appears whole or not at all: written beside it first, then linked, which fails if it is there. */
async function create(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, text, { mode: 0o600 })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (isNodeError(error) && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft)
  }
}

/**
 * Removes a stale lock, and only that: of two processes that both saw it, one renames it; if the
 * other renames the first one's new lock by mistake, it puts it back.
 */
async function putAside(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (isNodeError(error) && error.code === 'ENOENT') return
    throw error
  }
  const text = await read(aside)
  if (text !== undefined && text !== stale) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

function parseHolder(text: string): Holder | undefined {
  const [, pid, startedAt] = /^\{"pid":(\d+),"startedAt":"([^"]*)"\}$/.exec(text) ?? []
  return pid === undefined || startedAt === undefined ? undefined : { pid: Number(pid), startedAt }
}

async function isAlive({ pid, startedAt }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if (!isNodeError(error) || error.code !== 'EPERM') return false
  }
  const now = await statOf(pid)
  // Z: it has ended, and only waits for its parent to be told.
  if (now?.state === 'Z') return false
  return now === undefined || startedAt === 'unknown' || now.startedAt === startedAt
}

/**
 * The state of a process, and when it was started, in ticks since boot; `undefined` where the system
 * does not tell.
 */
async function statOf(pid: number): Promise<{ state: string; startedAt: string } | undefined> {
  const stat = await read(`/proc/${pid}/stat`)
  // The second field is the program's name in parentheses and can hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startedAt] = [fields?.[0], fields?.[19]]
  return state === undefined || startedAt === undefined ? undefined : { state, startedAt }
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error
}

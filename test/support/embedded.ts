import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Database } from '../../src/storage/database.ts'
import { hintChannel, openEmbedded } from '../../src/storage/database.ts'

/** What a database in WebAssembly was made from, and those that nobody uses just now. */
type Stock = { readonly image: Blob; readonly idle: PGlite[] }

const stocks = new Map<string, Promise<Stock>>()

/**
 * A database like the one in the image. One that was closed before is emptied and used again, unless
 * a test changed its tables: to start another one takes most of a second.
 */
export async function openLikeImage(file: string): Promise<Database> {
  const stocked = stocks.get(file) ?? readStock(file)
  stocks.set(file, stocked)
  const { image, idle } = await stocked
  const found = idle.pop()
  if (found) return openEmbedded(found)
  const made = await openCopy(image)
  const end = made.close.bind(made)
  const close = async () => {
    if (await isLikeImageAgain(made)) idle.push(made)
    else await end()
  }
  return openEmbedded(Object.assign(made, { close }))
}

/** A database that is a copy of the image, for one use. */
export async function openImage(file: string): Promise<Database> {
  return openEmbedded(await openCopy(new Blob([await readFile(file)])))
}

async function openCopy(image: Blob): Promise<PGlite> {
  return PGlite.create({ loadDataDir: image })
}

async function readStock(file: string): Promise<Stock> {
  return { image: new Blob([await readFile(file)]), idle: [] }
}

/** Lets a database know when it is not like its image any more, and how to become so again. */
export async function rememberImage(pglite: PGlite): Promise<void> {
  await pglite.exec(await readFile(join(import.meta.dirname, 'image.sql'), 'utf8'))
}

async function isLikeImageAgain(pglite: PGlite): Promise<boolean> {
  try {
    await pglite.exec('rollback')
    await pglite.unlisten(hintChannel)
    await pglite.exec('discard all')
    const { rows } = await pglite.query<{ again: boolean }>('select image.again()')
    return rows[0]?.again === true
  } catch {
    return false // a test broke it, to see what happens then
  }
}

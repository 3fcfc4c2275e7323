import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/**
 * A query that finds one thing by its key, built and compiled once for each database: to build a
 * long one anew costs more than PostgreSQL takes to answer it, and after a restart every client asks.
 * Transactions, which are new each time, have one for all of them.
 */
export function compiledFind<Key extends string, Row>(
  build: (db: Kysely<Tables>, key: Key) => Compilable<Row>,
): (db: Kysely<Tables>, key: Key) => Promise<Row | undefined> {
  const known = new WeakMap<object, CompiledQuery<Row>>()
  const transactions = {}
  const compiled = (db: Kysely<Tables>, key: Key): CompiledQuery<Row> => {
    const query = build(db, key).compile()
    if (query.parameters.length !== 1 || query.parameters[0] !== key) {
      throw new Error('a compiled query has its key for its only parameter')
    }
    known.set(db.isTransaction ? transactions : db, query)
    return query
  }
  return async (db, key) => {
    const query = known.get(db.isTransaction ? transactions : db) ?? compiled(db, key)
    const { rows } = await db.executeQuery<Row>({ ...query, parameters: [key] })
    return rows[0]
  }
}

import fc from 'fast-check'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { AuditCheckpoint } from '../../src/domain/audit-checkpoint.ts'
import type { OrganizationId } from '../../src/domain/id.ts'
import type { ChainReport } from '../../src/management/audit-verification.ts'
import { verifyAuditTrail } from '../../src/management/audit-verification.ts'
import { hexText } from '../../src/domain/audit-verification.ts'
import { entryRowsMax, readAllEnds } from '../../src/storage/audit-trail.ts'
import type { Desk } from './desk.ts'
import { newAccount, newOrganization, useDesk } from './desk.ts'
import type { Db } from './tampering.ts'
import { copy, mistakes, prolong, rewrite, set, tampered } from './tampering.ts'

const desk = useDesk()

/** An organization whose chain has so many entries. */
async function chainOf(at: Desk, entries: number): Promise<OrganizationId> {
  const { id } = await newOrganization(at)
  for (let entry = 0; entry < entries; entry += 1) await newAccount(at, { organization: id })
  return id
}

async function reports(
  db: Db,
  chain?: OrganizationId | 'server',
  checkpoints: readonly AuditCheckpoint[] = [],
): Promise<readonly ChainReport[]> {
  const found: ChainReport[] = []
  for await (const report of verifyAuditTrail(db, { chain, checkpoints })) found.push(report)
  return found
}

async function flawAfter(
  at: Desk,
  chain: OrganizationId,
  tamper: (tx: Db) => Promise<unknown>,
): Promise<ChainReport['flaw']> {
  const [report] = await tampered(at, tamper, async (tx) => reports(tx, chain))
  return report?.flaw
}

async function checkpoint(db: Db): Promise<AuditCheckpoint> {
  const { epoch, ends } = await readAllEnds(db, 1000)
  return {
    issuer: 'https://id.example.com',
    issuedAt: desk().act.at,
    epoch,
    ends: ends.map(({ chain, sequence, hash }) => ({ chain, sequence, hash: hexText(hash) })),
  }
}

const length = 8

describe('the verification of an audit chain', () => {
  it('finds nothing wrong with what the program wrote', async () => {
    const at = desk()
    const chain = await chainOf(at, 3)
    const found = await reports(at.db.management)
    expect(found.filter(({ flaw }) => flaw !== undefined)).toEqual([])
    expect(found).toContainEqual({ chain, entries: 3, flaw: undefined })
    expect(found[0]).toMatchObject({ chain: 'server', flaw: undefined })
    const checkpoints = [await checkpoint(at.db.management)]
    await newAccount(at, { organization: chain })
    const after = await reports(at.db.management, undefined, checkpoints)
    expect(after.filter(({ flaw }) => flaw !== undefined)).toEqual([])
    expect(after).toContainEqual({ chain, entries: 4, flaw: undefined })
  })

  it('names the first altered, missing, moved or added entry, and what is wrong with it', async () => {
    const at = desk()
    const chain = await chainOf(at, length)
    const place = fc.integer({ min: 1, max: length })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.values(mistakes)),
        place,
        place,
        async (mistake, n, other) => {
          fc.pre(n !== other)
          const { tamper, flaw } = mistake(chain, n, other)
          expect(await flawAfter(at, chain, tamper)).toMatchObject(flaw)
        },
      ),
      { numRuns: 60 },
    )
    expect(await reports(at.db.management, chain)).toEqual([
      { chain, entries: length, flaw: undefined },
    ])
  })

  it('finds what is wrong at both ends of a chain', async () => {
    const at = desk()
    const chain = await chainOf(at, 3)
    const cases = Object.entries(mistakes).flatMap(([, mistake]) => [
      mistake(chain, 1, 3),
      mistake(chain, 3, 1),
    ])
    for (const { tamper, flaw } of cases) {
      expect(await flawAfter(at, chain, tamper)).toMatchObject(flaw)
    }
    expect(await flawAfter(at, chain, async (tx) => copy(tx, chain, 3, 4))).toEqual({
      what: 'entry_added',
      sequence: 4,
    })
    expect(await flawAfter(at, chain, async (tx) => copy(tx, chain, 1, 0))).toEqual({
      what: 'entry_added',
      sequence: 0,
    })
  })

  it('compares the last entry with the end that the organization records', async () => {
    const at = desk()
    const chain = await chainOf(at, 3)
    const ends = [
      [sql`audit_hash = sha256(audit_hash)`, { what: 'end_altered', sequence: 3 }],
      [sql`audit_sequence = 4`, { what: 'end_altered', sequence: 3 }],
      [sql`audit_sequence = 2`, { what: 'end_altered', sequence: 2 }],
    ] as const
    for (const [change, flaw] of ends) {
      const tamper = async (tx: Db) =>
        sql`update organization set ${change} where id = ${chain}`.execute(tx)
      expect(await flawAfter(at, chain, tamper)).toEqual(flaw)
    }
  })

  it('names the entry that does not follow, if the one before was altered and hashed anew', async () => {
    const at = desk()
    const chain = await chainOf(at, 4)
    expect(await flawAfter(at, chain, async (tx) => rewrite(tx, chain, 2, 2))).toEqual({
      what: 'content_altered',
      sequence: 3,
    })
    expect(await flawAfter(at, chain, async (tx) => rewrite(tx, chain, 4, 4))).toEqual({
      what: 'end_altered',
      sequence: 4,
    })
  })

  it('reads entries that were written before the network was recorded', async () => {
    const at = desk()
    const { id: chain } = await newOrganization(at)
    await newAccount(at, { organization: chain })
    await newAccount({ ...at, act: { ...at.act, network: '192.0.2.7' } }, { organization: chain })
    const { rows } = await sql<{ text: string }>`
      select convert_from(entry, 'UTF8') as text from audit_entry
      where chain = ${chain} order by sequence
    `.execute(at.db.management)
    expect(rows.map(({ text }) => text.includes('"network":"192.0.2.7"'))).toEqual([false, true])
    expect(await reports(at.db.management, chain)).toMatchObject([{ entries: 2, flaw: undefined }])
  })

  it('finds a chain of no organization', async () => {
    const at = desk()
    const chain = await chainOf(at, 1)
    const found = await tampered(
      at,
      async (tx) =>
        sql`insert into audit_entry select 'org_gone', sequence, at, kind, actor_id, target_id,
          trace_id, entry, hash from audit_entry where chain = ${chain}`.execute(tx),
      async (tx) => reports(tx),
    )
    expect(found.filter(({ flaw }) => flaw !== undefined)).toEqual([
      { chain: 'org_gone', entries: 0, flaw: { what: 'chain_unknown', sequence: 1 } },
    ])
  })

  it('reads a chain in pages, however long it is', async () => {
    const at = desk()
    const chain = await chainOf(at, 1)
    const count = 2 * entryRowsMax + 3
    const verified = await tampered(
      at,
      async (tx) => prolong(tx, chain, { count, act: at.act }),
      async (tx) => [
        await reports(tx, chain),
        await set(
          chain,
          2 * entryRowsMax,
          sql`kind = 'x'`,
        )(tx).then(async () => reports(tx, chain)),
      ],
    )
    expect(verified).toMatchObject([
      [{ entries: count, flaw: undefined }],
      [{ entries: 2 * entryRowsMax - 1, flaw: { what: 'columns_differ' } }],
    ])
  })
})

describe('a checkpoint', () => {
  it('betrays a chain that was altered and hashed anew down to its end', async () => {
    const at = desk()
    const chain = await chainOf(at, 3)
    const first = await checkpoint(at.db.management)
    for (const _ of [4, 5]) await newAccount(at, { organization: chain })
    const second = await checkpoint(at.db.management)
    await newAccount(at, { organization: chain })
    const found = await tampered(
      at,
      async (tx) => rewrite(tx, chain, 4, 6),
      async (tx) => [
        await reports(tx, chain),
        await reports(tx, chain, [first]),
        await reports(tx, chain, [first, second]),
        await reports(tx, chain, [second]),
      ],
    )
    expect(found.map(([report]) => report?.flaw)).toEqual([
      undefined,
      undefined,
      { what: 'chain_recomputed', sequence: 5, since: 4 },
      { what: 'chain_recomputed', sequence: 5, since: 1 },
    ])
  })

  it('betrays a tail that was cut off', async () => {
    const at = desk()
    const chain = await chainOf(at, 4)
    const known = await checkpoint(at.db.management)
    const found = await tampered(
      at,
      async (tx) => {
        await sql`delete from audit_entry where chain = ${chain} and sequence > 2`.execute(tx)
        await sql`update organization set audit_sequence = 2, audit_hash = (
          select hash from audit_entry where chain = ${chain} and sequence = 2
        ) where id = ${chain}`.execute(tx)
      },
      async (tx) => [await reports(tx, chain), await reports(tx, chain, [known])],
    )
    expect(found).toMatchObject([
      [{ entries: 2, flaw: undefined }],
      [{ entries: 2, flaw: { what: 'tail_cut', sequence: 3, known: 4 } }],
    ])
  })

  it('betrays a whole organization that was removed', async () => {
    const at = desk()
    const chain = await chainOf(at, 1)
    const known = await checkpoint(at.db.management)
    const ends = [...known.ends, { chain: 'org_gone', sequence: 7, hash: '0'.repeat(64) }]
    const found = await reports(at.db.management, undefined, [{ ...known, ends }])
    expect(found.filter(({ flaw }) => flaw !== undefined)).toEqual([
      { chain: 'org_gone', entries: 0, flaw: { what: 'chain_removed', sequence: 1, known: 7 } },
    ])
    expect(chain).toMatch(/^org_/)
  })
})

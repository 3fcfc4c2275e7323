import type { OrganizationId } from '../domain/id.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { isoText } from '../domain/time.ts'
import { createAuditCheckpoint } from '../management/audit-checkpoints.ts'
import type { Concern } from '../management/audit-trail.ts'
import type { ChainReport } from '../management/audit-verification.ts'
import { verifyAuditTrail } from '../management/audit-verification.ts'
import { exported, list } from './audit-entries.ts'
import type { BrokenChain } from './audit-text.ts'
import { flawText } from './audit-text.ts'
import { readCheckpointFiles } from './checkpoint-file.ts'
import type { CommandHouse } from './command-house.ts'
import { houseCommand } from './command.ts'
import { fileField, reference } from './fields.ts'
import { flag, optional, repeated } from './inputs.ts'
import { counted } from './print.ts'
import { findOrganizationRow } from './organization-row.ts'
import type { CommandRefusal } from './refusal-text.ts'

const ofOneChain = {
  organization: optional(reference('organization'), 'Only the chain of this organization'),
  server: flag('Only the chain of the server'),
}

/** More is wrong than anybody reads; each chain is named once. */
const brokenShownMax = 1000

const verify = houseCommand({
  verb: 'verify',
  summary: 'Recompute the audit trail, and name the first entry that is wrong',
  notes: [
    'Every chain, unless one is named. It says which entry of a chain was altered, is missing, was moved or added, and ends with 1 if there is any. The server may run meanwhile.',
    'With checkpoints that were kept elsewhere it also finds a chain that was hashed anew, and a tail that was cut off. Their signatures are verified with the keys of --keys, which is a saved copy of /.well-known/jwks.json; without it, with those of this database that KEY_ENCRYPTION_KEY opens.',
  ],
  arguments: {},
  options: {
    ...ofOneChain,
    checkpoint: repeated(fileField, 'A file with a checkpoint to compare with'),
    keys: optional(fileField, 'A file with the keys that signed the checkpoints'),
  },
  examples: ['audit verify --checkpoint 2031-01-31.jws --keys jwks.json'],
  run: async ({ house }, { checkpoint: files, keys, ...where }) => {
    const chain = await chainOf(house, where)
    if (!chain.ok) return chain
    const checkpoints = await readCheckpointFiles(house, files, keys)
    if (!checkpoints.ok) return checkpoints
    const wish = { chain: chain.value, checkpoints: checkpoints.value }
    const found = await summaryOf(verifyAuditTrail(house.db.management, wish))
    const { chains, entries, broken, brokenCount } = found
    const sum = `${counted(entries, 'entry', 'entries')} of ${counted(chains, 'chain')} verified`
    const verdict =
      brokenCount === 0 ? 'nothing is wrong' : `${counted(brokenCount, 'chain')} broken`
    return accept({
      document: { chains, entries, broken_count: brokenCount, broken: broken.map(brokenDocument) },
      text: `${broken.map((one) => `${flawText(one)}\n`).join('')}${sum}: ${verdict}.\n`,
      exitCode: brokenCount === 0 ? 0 : 1,
    })
  },
})

const checkpoint = houseCommand({
  verb: 'checkpoint',
  summary: 'Sign where every chain of the audit trail ends now, to be kept elsewhere',
  notes: [
    'Prints one line, a JWS. Keep it where nobody can reach who can write to the database, and the keys beside it: curl <issuer>/.well-known/jwks.json. Its key is not published for ever.',
    'It takes the settings that serve takes: ISSUER and KEY_ENCRYPTION_KEY, and JWKS_MAX_AGE, MAX_STALE and KEY_ROTATION_MARGIN if they are set there.',
  ],
  arguments: {},
  options: {},
  examples: ['audit checkpoint > 2031-01-31.jws'],
  run: async ({ house, act }) => {
    const vault = await house.keyVault()
    if (!vault.ok) return vault
    const rules = house.keyRules()
    if (!rules.ok) return rules
    if (house.issuer === undefined) {
      return refuse({ reason: 'settings_wrong', problems: ['ISSUER must be set'] })
    }
    const ports = { db: house.db, vault: vault.value, rules: rules.value, issuer: house.issuer }
    const made = await createAuditCheckpoint(ports, act)
    if (!made.ok) return made
    const { token, keys, checkpoint: stated } = made.value
    return accept({
      document: {
        checkpoint: token,
        issued_at: isoText(stated.issuedAt),
        chains: stated.ends.length,
        keys: keys.keys,
      },
      text: `${token}\n`,
    })
  },
})

type OneChain = { readonly organization: string | undefined; readonly server: boolean }

async function chainOf(
  house: CommandHouse,
  { organization: text, server }: OneChain,
): Promise<Result<Concern | undefined, CommandRefusal>> {
  if (server && text !== undefined) {
    return refuse({ reason: 'usage_wrong', problems: ['give --organization or --server'] })
  }
  if (server) return accept('server')
  if (text === undefined) return accept(undefined)
  const organization = await findOrganizationRow(house, text)
  return organization.ok ? accept<OrganizationId>(organization.value.id) : organization
}

type Summary = {
  readonly chains: number
  readonly entries: number
  readonly broken: readonly BrokenChain[]
  readonly brokenCount: number
}

async function summaryOf(reports: AsyncIterable<ChainReport>): Promise<Summary> {
  const broken: BrokenChain[] = []
  let [chains, entries, brokenCount] = [0, 0, 0]
  for await (const { flaw, ...report } of reports) {
    chains += 1
    entries += report.entries
    if (flaw === undefined) continue
    brokenCount += 1
    if (broken.length < brokenShownMax) broken.push({ ...report, flaw })
  }
  return { chains, entries, broken, brokenCount }
}

function brokenDocument(broken: BrokenChain) {
  const { what, sequence, ...facts } = broken.flaw
  return { chain: broken.chain, sequence, what, ...facts, text: flawText(broken) }
}

export const auditCommands = [list, exported, verify, checkpoint]

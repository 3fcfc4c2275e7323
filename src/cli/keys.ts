import type { Kid } from '../domain/key-ring.ts'
import { endsOf, parseKid, stateOf } from '../domain/key-ring.ts'
import type { KeyRules } from '../domain/key-rotation.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { isoText, until } from '../domain/time.ts'
import type { Rewrapped } from '../management/key-encryption-key.ts'
import { giveUpSigningKeys, rewrapSigningKeys } from '../management/key-encryption-key.ts'
import type { RewrappedTotp } from '../management/totp-seals.ts'
import { rewrapTotp } from '../management/totp-seals.ts'
import type { RevocationOutlook } from '../management/signing-key-revocation.ts'
import type { KeyPorts, Successor } from '../management/signing-keys.ts'
import { foreseeRevocation, revokeSigningKey } from '../management/signing-key-revocation.ts'
import {
  listSigningKeys,
  rotateDueSigningKeys,
  rotateSigningKeys,
} from '../management/signing-keys.ts'
import type { StoredKey } from '../ports/signing-keys.ts'
import type { Totp } from '../ports/totp.ts'
import type { Act } from '../storage/tx.ts'
import type { CommandHouse } from './command-house.ts'
import type { Document } from '../http/api/schemas/documents.ts'
import type { Output } from './command.ts'
import { houseCommand } from './command.ts'
import { signingAlgField } from './fields.ts'
import type { Field } from './inputs.ts'
import { flag, optional, required } from './inputs.ts'
import { spanText } from './duration.ts'
import { counted, table } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'

const kidField: Field<Kid> = {
  placeholder: '<kid>',
  accepts: 'the kid of a key, 43 characters',
  parse: parseKid,
}

const asServe =
  'It takes the settings that serve takes: KEY_ENCRYPTION_KEY, and JWKS_MAX_AGE, MAX_STALE and KEY_ROTATION_MARGIN if they are set there.'

const list = houseCommand({
  verb: 'list',
  summary: 'List the signing keys, and when each of them signs',
  notes: [
    'next: published, not signing yet. active: signs. retired: published until its last token has died. gone: nobody needs it any more, and it is removed soon.',
  ],
  arguments: {},
  options: {},
  run: async ({ house, act }) => {
    const rules = house.keyRules()
    if (!rules.ok) return rules
    const vault = await house.keyVault()
    const held = vault.ok ? vault.value.held : []
    const { keys, keyEncryptionKeyId } = await listSigningKeys(house)
    const described = keys.map((key) => describedKey(keys, key, { now: act.at, ...rules.value }))
    const rows = described.map((one) => [
      one.kid,
      one.state,
      one.alg,
      one.use,
      one.announced_at,
      one.signs_from ?? 'not planned',
      one.revoked_at ?? one.retires_at ?? '',
      one.gone_at ?? '',
      one.key_encryption_key_id,
    ])
    const head = ['KID', 'STATE', 'ALG', 'USE', 'ANNOUNCED', 'SIGNS FROM', 'UNTIL', 'GONE']
    return accept({
      document: {
        keys: described,
        key_encryption_key_id: keyEncryptionKeyId ?? null,
        held_key_encryption_key_ids: held,
      },
      text: table([...head, 'SEALED UNDER'], rows) + heldText(held),
    })
  },
})

const rotate = houseCommand({
  verb: 'rotate',
  summary: 'Let the next key sign instead of the active one, as soon as it can',
  notes: [
    'Keys rotate by themselves; this does it sooner. It says from when on the next key signs: after JWKS_MAX_AGE, MAX_STALE and KEY_ROTATION_MARGIN together, even if that key was published long ago, because every process must have heard of the moment before it comes. Nothing fails meanwhile: the key that signed stays published until its last token has died.',
    asServe,
  ],
  arguments: {},
  options: { alg: optional(signingAlgField, 'Only the keys of this algorithm') },
  examples: ['keys rotate --alg ES256'],
  run: async ({ house, act }, { alg }) => {
    const ports = await keyPorts(house)
    if (!ports.ok) return ports
    const outcome = await rotateSigningKeys(ports.value, act, alg)
    if (!outcome.ok) return outcome
    const text = outcome.value.map((successor) => `${successorText(successor, act.at)}\n`).join('')
    return accept({ document: { keys: outcome.value.map(successorDocument) }, text })
  },
})

const revoke = houseCommand({
  verb: 'revoke',
  summary: 'Revoke a key at once: all tokens that it signed become worthless',
  notes: [
    'For a private key that may be known to others. The next key, which everyone holds already, signs from that moment on, and another one is announced. To revoke both without a pause, begin with the next one, and revoke the other when the one that follows has been published for as long as rotate says.',
    asServe,
  ],
  arguments: { key: required(kidField, 'See countersign keys list') },
  options: {},
  asksFirst: true,
  run: async ({ house, act, confirm }, { key: kid }) => {
    const ports = await keyPorts(house)
    if (!ports.ok) return ports
    const outlook = await foreseeRevocation(ports.value, act, kid)
    if (!outlook.ok) return outlook
    const confirmed = await confirm(consequence(outlook.value, act.at))
    if (!confirmed.ok) return confirmed
    const outcome = await revokeSigningKey(ports.value, act, kid)
    if (!outcome.ok) return outcome
    const { successor } = outcome.value
    return accept({
      document: { kid, signs_next: successor === undefined ? null : successorDocument(successor) },
      text: `Revoked the key ${kid}.\n${successor === undefined ? 'No key of its kind signs.' : successorText(successor, act.at)}\n`,
    })
  },
})

const rewrap = houseCommand({
  verb: 'rewrap',
  summary: 'Seal keys and second factors under another key-encryption key',
  notes: [
    'First restart every process with the new key as KEY_ENCRYPTION_KEY and the old one as KEY_ENCRYPTION_KEY_PREVIOUS. Then run this with the same two. Then the old one can be left out everywhere. Either can come from a file: KEY_ENCRYPTION_KEY_FILE, KEY_ENCRYPTION_KEY_PREVIOUS_FILE.',
    'If the old one is lost, --give-up begins anew with the new one alone. Second factors that cannot be opened stay as they are, and it says whose: those people sign in again once a recovery link has taken theirs away.',
  ],
  arguments: {},
  options: { giveUp: flag('Remove the keys that cannot be opened, and make new ones') },
  asksFirst: true,
  run: async ({ house, act, confirm }, { giveUp }) => {
    const ports = await keyPorts(house)
    if (!ports.ok) return ports
    const totp = await house.totp()
    if (!totp.ok) return totp
    const [to] = ports.value.vault.held
    const confirmed = await confirm(
      `This seals the signing keys and second factors under the key-encryption key ${to}.\nA process that was not started with it becomes not ready.${giveUp ? lossText : ''}`,
    )
    if (!confirmed.ok) return confirmed
    const outcome = await sealAnew(ports.value, totp.value, act, giveUp)
    return outcome.ok ? accept(rewrapped(outcome.value, { to, giveUp })) : outcome
  },
})

export const keysCommands = [list, rotate, revoke, rewrap]

async function keyPorts(house: CommandHouse): Promise<Result<KeyPorts, CommandRefusal>> {
  const rules = house.keyRules()
  if (!rules.ok) return rules
  const vault = await house.keyVault()
  return vault.ok ? accept({ db: house.db, rules: rules.value, vault: vault.value }) : vault
}

function describedKey(
  keys: readonly StoredKey[],
  key: StoredKey,
  at: Pick<KeyRules, 'keptFor'> & { readonly now: NumericDate },
) {
  const { retiresAt, goneAt } = endsOf(keys, key, at.keptFor)
  return {
    kid: key.kid,
    use: key.use,
    alg: key.alg,
    state: stateOf(keys, key, at),
    announced_at: isoText(key.announcedAt),
    signs_from: moment(key.signsFrom),
    retires_at: moment(retiresAt),
    revoked_at: moment(key.revokedAt),
    gone_at: moment(goneAt),
    key_encryption_key_id: key.keyEncryptionKeyId,
  }
}

type SealedAnew = { readonly keys: Rewrapped; readonly factors: RewrappedTotp }

/** First the signing keys, all or none: they say whether these key-encryption keys are the right ones. */
async function sealAnew(
  ports: KeyPorts,
  totp: Totp,
  act: Act,
  giveUp: boolean,
): Promise<Result<SealedAnew, CommandRefusal>> {
  const keys = await (giveUp ? giveUpSigningKeys : rewrapSigningKeys)(ports, act)
  if (!keys.ok) return keys
  const kept = await rotateDueSigningKeys(ports, act)
  if (!kept.ok) return kept
  const factors = await rewrapTotp({ db: ports.db, totp }, act)
  return factors.ok ? accept({ keys: keys.value, factors: factors.value }) : factors
}

function rewrapped(
  { keys, factors }: SealedAnew,
  { to, giveUp }: { readonly to: string; readonly giveUp: boolean },
): Output {
  const { moved, unopened, people } = factors
  return {
    document: {
      from: keys.from,
      to,
      keys: keys.keys,
      removed: keys.lost,
      second_factors: moved,
      second_factors_unopened: unopened,
      people_unopened: people,
    },
    text: rewrappedText(keys) + factorsText(factors, to),
    exitCode: unopened === 0 || giveUp ? 0 : 1,
  }
}

function rewrappedText({ from, to, keys, lost }: Rewrapped): string {
  if (keys === 0 && lost === 0) return `All keys are sealed under ${to} already.\n`
  const removed = lost === 0 ? '' : `Removed ${counted(lost, 'key')} that could not be opened.\n`
  if (keys === 0) return removed
  return `Sealed ${counted(keys, 'key')} under ${to}; they were under ${from}.\n${removed}`
}

function factorsText({ moved, unopened, people }: RewrappedTotp, to: string): string {
  const sealed = moved === 0 ? '' : `Sealed ${counted(moved, 'second factor')} under ${to}.\n`
  if (unopened === 0) return sealed
  const named = people.map((email) => `  ${email}\n`).join('')
  const more = unopened > people.length ? `  and ${unopened - people.length} more\n` : ''
  return `${sealed}${counted(unopened, 'second factor')} could not be opened with the keys given here. These people cannot sign in until a recovery link has taken theirs away:\n${named}${more}`
}

/** Nothing where the settings give none: the list can be read without. */
function heldText(held: readonly string[]): string {
  if (held.length === 0) return ''
  return `\nThe settings here give the key-encryption key ${held.join(' and ')}.\n`
}

const lossText =
  '\nKeys that cannot be opened are removed: all tokens that they signed become worthless.'

function consequence(outlook: RevocationOutlook, now: NumericDate): string {
  const { key, state } = outlook
  const what = `This revokes the ${key.alg} key ${key.kid}, which is ${state}.`
  const tokens =
    state === 'next'
      ? 'It has signed nothing; another one is announced.'
      : 'All tokens that it signed are refused wherever the published keys are read anew, at the latest when JWKS_MAX_AGE is over.'
  return `${what}\n${tokens}\n${whatSignsThen(outlook, now)}`
}

function whatSignsThen({ key: { alg }, successor }: RevocationOutlook, now: NumericDate): string {
  if (successor === undefined) return 'No key of its kind signs then.'
  const { kid, signsFrom } = successor
  if (signsFrom < now) return `The ${alg} key ${kid} goes on signing.`
  if (signsFrom === now) return `The ${alg} key ${kid ?? 'that is made'} signs at once.`
  return `No ${alg} key signs until ${isoText(signsFrom)}, in ${spanText(until(now, signsFrom))}: requests that need one are answered 503 until then.`
}

function successorText({ alg, kid, signsFrom }: Successor, now: NumericDate): string {
  if (signsFrom <= now) return `The ${alg} key ${kid} signs.`
  return `The ${alg} key ${kid} signs from ${isoText(signsFrom)} on, in ${spanText(until(now, signsFrom))}.`
}

function successorDocument({ kid, use, alg, signsFrom }: Successor): Document {
  return { kid, use, alg, signs_from: isoText(signsFrom) }
}

function moment(date: NumericDate | undefined): string | null {
  return date === undefined ? null : isoText(date)
}

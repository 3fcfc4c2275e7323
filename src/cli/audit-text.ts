import type { ChainFlaw } from '../domain/audit-verification.ts'
import type { ChainReport } from '../management/audit-verification.ts'

/** A chain that something is wrong with. */
export type BrokenChain = ChainReport & { readonly flaw: ChainFlaw }

/** What is wrong with a chain, in words. */
export function flawText({ chain, flaw }: BrokenChain): string {
  const whose = chain === 'server' ? 'the chain of the server' : `the chain of ${chain}`
  return `${whose}: ${say(flaw.what, flaw)}`
}

type Facts = { [What in ChainFlaw['what']]: Extract<ChainFlaw, { readonly what: What }> }

function say<What extends keyof Facts>(what: What, facts: Facts[What]): string {
  return sentences[what](facts)
}

const sentences: { readonly [What in keyof Facts]: (facts: Facts[What]) => string } = {
  entry_missing: ({ sequence }) => `entry ${sequence} is missing`,
  entry_added: ({ sequence }) => `entry ${sequence} was added: it does not belong there`,
  entry_moved: ({ sequence, from }) =>
    `entry ${sequence} was replaced: entry ${from} stands in its place`,
  content_altered: ({ sequence }) =>
    sequence === 1
      ? 'the content of entry 1 was altered'
      : `the content of entry ${sequence} was altered, or that of entry ${sequence - 1} and its hash made anew`,
  hash_altered: ({ sequence }) => `the hash of entry ${sequence} was altered`,
  columns_differ: ({ sequence, columns }) =>
    `the row of entry ${sequence} was altered: what it says of ${columns.join(', ')} is not what the entry says`,
  end_altered: ({ sequence }) =>
    `entry ${sequence} is the last one, and not the one that is recorded as the end: it was altered and its hash made anew, or the record of the end was altered`,
  chain_recomputed: ({ sequence, since }) =>
    `an entry from ${since} to ${sequence} was altered and the hashes after it made anew: the checkpoint knew another entry ${sequence}`,
  tail_cut: ({ sequence, known }) =>
    `entry ${sequence} is missing, and all after it: the checkpoint knew ${known} entries`,
  chain_removed: ({ known }) =>
    `it was removed with its organization: the checkpoint knew ${known} entries`,
  chain_unknown: () => 'there is no such organization',
}

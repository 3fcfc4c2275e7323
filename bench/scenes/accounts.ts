/** A database of a thousand accounts beside one of a million. */
import { addAccounts } from '../accounts.ts'
import { countersignTokenPath, startCountersign } from '../contestants.ts'
import { countRows, createBenchDatabase } from '../database.ts'
import { quotients, spreadOf } from '../measure.ts'
import { spreadText, table } from '../report.ts'
import { tokenRequest } from '../request.ts'
import type { Figures, Player } from '../round.ts'
import { openLoopPerSecond, play, playRound, playerOf } from '../round.ts'
import type { Scene, Stage } from '../stage.ts'

const few = 1000
const many = 1_000_000
/** So many of them ask for tokens. */
const known = 300

export const accounts: Scene = {
  name: 'accounts',
  play: async (stage) => {
    const { load, pace, tell } = stage
    const most = pace.quick ? many / 10 : many
    const small = await populated(stage, few)
    const large = await populated(stage, most)
    const players = [small.player, large.player]
    const rowsBefore = (await countRows(small.url)) + (await countRows(large.url))
    for (const player of players) {
      await play(load, player, { milliseconds: pace.warmUpMilliseconds })
    }
    for (let round = 1; round <= pace.rounds; round += 1) {
      await playRound(load, players, pace.milliseconds)
      tell(`round ${round} of ${pace.rounds}`)
    }
    const rows = (await countRows(small.url)) + (await countRows(large.url)) - rowsBefore
    const ratio = (key: keyof Figures) =>
      quotients(figures(large.player, key), figures(small.player, key))
    const rate = quotients(figures(small.player, 'perSecond'), figures(large.player, 'perSecond'))
    return {
      name: 'accounts',
      title: `${few} accounts and ${most}`,
      how: `rounds: ${pace.rounds}, of ${pace.milliseconds / 1000} s at saturation and at ${openLoopPerSecond}/s, ${known} of the accounts asking`,
      lines: table(
        ['accounts', 'tokens/s', 'CPU ms per token', 'p50 ms', 'p99 ms', 'memory MiB'],
        [rowOf(few, small.player), rowOf(most, large.player)],
      ),
      reaches: [
        { what: 'tokens/s with few ÷ with many', measured: rate, digits: 2, atMost: 1.15 },
        { what: 'p99 with many ÷ with few', measured: ratio('p99'), digits: 2, atMost: 1.15 },
        {
          what: 'memory with many more than with few, MiB',
          measured: spreadOf(differences(large.player, small.player)),
          digits: 0,
          atMost: 64,
        },
        {
          what: `rows added by ${small.player.issued + large.player.issued} tokens`,
          measured: spreadOf([rows]),
          digits: 0,
          atMost: 0,
        },
      ],
      waited: players.flatMap((player) => figures(player, 'waited')),
    }
  },
}

type Populated = { readonly url: string; readonly player: Player }

async function populated(stage: Stage, count: number): Promise<Populated> {
  const database = await createBenchDatabase(stage)
  stage.tell(`adding ${count} accounts`)
  const clients = await addAccounts(database, { accounts: count, known })
  const requests = clients.map((client) => tokenRequest(countersignTokenPath, client))
  const contestant = await startCountersign(stage, database)
  return { url: database.url, player: playerOf({ ...contestant, requests }) }
}

function figures({ rounds }: Player, key: keyof Figures): readonly number[] {
  return rounds.map((round) => round[key])
}

function differences(large: Player, small: Player): readonly number[] {
  return large.rounds.map(({ memory }, round) => memory - (small.rounds[round]?.memory ?? 0))
}

function rowOf(count: number, player: Player): readonly string[] {
  const text = (key: keyof Figures, digits: number) =>
    spreadText(spreadOf(figures(player, key)), digits)
  const [rate, cpu] = [text('perSecond', 0), text('cpuPerAnswer', 3)]
  return [String(count), rate, cpu, text('p50', 2), text('p99', 2), text('memory', 0)]
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { spreadOf } from '../../bench/measure.ts'
import type { Reach } from '../../bench/report.ts'
import { isMet, sectionText, withSection } from '../../bench/report.ts'
import { scenes } from '../../bench/scenes.ts'

describe('the report of the bench', () => {
  const share: Reach = {
    what: 'served ÷ saturation',
    measured: spreadOf([0.896, 0.5, 1.2]),
    digits: 2,
    atLeast: 0.9,
  }

  it('says what was measured, what was to be reached, and whether it was', () => {
    const text = sectionText(
      {
        name: 'one',
        title: 'One',
        how: 'rounds: 3',
        lines: ['| a |'],
        reaches: [share, { what: 'rows', measured: spreadOf([1]), digits: 0, atMost: 0 }],
        waited: [0.04, 0.02, 0.9],
      },
      'today on a machine',
    )
    expect(text.split('\n')).toEqual([
      'today on a machine; rounds: 3. Median (least to most).',
      '',
      '| a |',
      '',
      '| what | measured | reach | met |',
      '| --- | --- | --- | --- |',
      '| served ÷ saturation | **0.90** (0.50 to 1.20) | ≥ 0.9 | yes |',
      '| rows | **1** | ≤ 0 | **no** |',
      '',
      'Disturbance: the servers were ready and waited for their core 4 % of the time.',
    ])
  })

  it('judges the figure that it shows', () => {
    expect(isMet(share)).toBe(true)
    expect(isMet({ ...share, digits: 3 })).toBe(false)
    expect(isMet({ what: '', measured: share.measured, digits: 2, atMost: 0.9 })).toBe(true)
    expect(isMet({ what: '', measured: share.measured, digits: 2, atMost: 0.89 })).toBe(false)
  })

  it('replaces one scene in the documentation and leaves the others', () => {
    const page = 'a <!-- bench: x -->1<!-- /bench: x --> b <!-- bench: y -->2<!-- /bench: y --> c'
    expect(withSection(page, 'x', '$& 3')).toBe(
      'a <!-- bench: x -->\n\n$& 3\n\n<!-- /bench: x --> b <!-- bench: y -->2<!-- /bench: y --> c',
    )
    expect(() => withSection(page, 'z', '')).toThrow('no place for the scene z')
  })

  it('has a place in the documentation for every scene', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/performance.md'), 'utf8')
    for (const { name } of scenes) expect(withSection(page, name, 'found')).toContain('found')
    const places = [...page.matchAll(/<!-- bench: (\w+) -->/g)].map(([, name]) => name)
    expect(new Set(places)).toEqual(new Set(scenes.map(({ name }) => name)))
  })
})

/** The words of the wizard's data step. */

import { number, percent } from '../../common/words/format.ts';
import { marks } from '../../common/words/marks.ts';
import english from '../../words/en/pages/wizard-data.json' with { type: 'json' };
import { toolRows } from './page.ts';
import { byName, composed, texts } from './texts.ts';

const likely = (more: number, accuracy: { value: number; low: number; high: number }, now: number) => ({
  more,
  now: percent(now),
  low: percent(accuracy.low),
  high: percent(accuracy.high),
});

export const { dataText } = texts('wizard-data', english, {
  dataText: {
    answer: (rows: number | null, name: string) => ({ hasRows: rows !== null, rows, name }),
    summary: (rows: number, bad: number) => ({ bad, rows }),
    sheetRows: (rows: number) => ({ rows }),
    tableCaption: (shown: number) => ({ shown }),
    showMore: (n: number) => ({ n }),
    columnsFound: (kind: string) => ({ kind }),
    detected: (percentSure: number) => ({ percentSure: percent(percentSure) }),
    because: (reason: string) => ({ reason }),
    useOf: (column: string) => ({ column }),
    kinds: byName,
    templateHint: (columns: readonly string[]) => ({
      column: columns.map((column) => `{${column}}`).join(' '),
    }),
    templateUnknown: (names: readonly string[]) => ({ names: names.join(marks().comma) }),
    edit: {
      roles: byName,
      turn: (role: string, place: number) => ({ role, place }),
      row: (n: number) => ({ n }),
      newRow: (n: number) => ({ n }),
      keep: (changes: number) => ({ changes }),
      saved: (changes: number) => ({ changes }),
      left: (rows: number) => ({ rows }),
    },
    hub: {
      downloads: (n: number) => ({ n }),
      licence: (name: string) => ({ name }),
      partFiles: (files: number, size: string) => ({ files, size }),
      get: (size: string) => ({ size }),
    },
    template: {
      rows: {
        tools: composed(
          {},
          (
            words: Readonly<
              Record<'tool' | 'place' | 'degrees' | 'study' | 'ask' | 'thanks' | 'welcome', string>
            >,
          ) =>
            toolRows(words.tool, { [words.place]: 'string', [words.degrees]: 'number' }, [
              [words.ask, { [words.place]: words.study, [words.degrees]: 22 }],
              [words.thanks, words.welcome],
            ]),
        ),
      },
    },
    previewWhere: (where: string, tokens: number, trained: number) => ({ where, tokens, trained }),
    previewCut: (cut: number) => ({ cut }),
    more: {
      line: likely,
      fields: likely,
      gain: (names: string) => ({ names }),
    },
    counter: { offer: (values: number | null) => ({ hasValues: values !== null, values }) },
    fixed: (kept: number, changed: number, dropped: number) => ({ kept, changed, dropped }),
    mendedTitle: (n: number) => ({ n }),
    undo: (name: string) => ({ name }),
    undoneOne: (name: string) => ({ name }),
    fixes: byName,
    lengthsCut: (least: number, most: number) => ({
      isOne: least === most,
      least: percent(least, least > 0 && least < 0.01 ? 1 : 0),
      most: percent(most, most > 0 && most < 0.01 ? 1 : 0),
    }),
    lengthsAbout: (median: number, most: number, counted: boolean) => ({
      median,
      most: number(most),
      counted,
    }),
    cutSome: (least: number, most: number) => ({
      isOne: least === most,
      least: percent(least, least > 0 && least < 0.01 ? 1 : 0),
      most: percent(most, most > 0 && most < 0.01 ? 1 : 0),
    }),
    bar: (above: number, upTo: number, rows: number) => ({ above: number(above + 1), upTo, rows }),
    limitLine: (limit: number) => ({ limit: number(limit) }),
    measureRows: (test: number, rows: number) => ({ test, rows }),
    measureShare: (share: number) => ({ share: percent(share) }),
    measureFile: (name: string) => ({ name }),
    heldOutRows: (train: number, held: number) => ({ train, held }),
    heldOutShare: (share: number) => ({ share: percent(share) }),
    ownHeldOut: (name: string, rows: number | null) => ({ hasRows: rows !== null, rows, name }),
    promptsCount: (n: number) => ({ n }),
    prompt: (n: number) => ({ n }),
    removePrompt: (n: number) => ({ n }),
  },
});

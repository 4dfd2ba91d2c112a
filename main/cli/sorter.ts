/** `fettle sorter`: a word counter, trained in seconds or kept from a run, which `fettle classify` sorts with. */
import type { SorterResult } from '../../common/protocol/protocol.ts';
import { COUNTER_SETTINGS } from '../../common/settings/commands.ts';
import { shellWord } from '../../common/words/format.ts';
import { recordCounter } from '../app/counters.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseCounterConfig } from '../engine/config/config.ts';
import { qualityLines } from './answer.ts';
import { wantsJson } from './arguments.ts';
import { EXIT } from './command.ts';
import { printResult } from './display.ts';
import { commandOf } from './settings.ts';
import { duration, number, plural, within } from './words.ts';

export const command = commandOf({
  name: 'sorter',
  settings: COUNTER_SETTINGS,
  parse: parseCounterConfig,
  usage: 'sorter --data FILE|--run FOLDER --out FOLDER [flags]',
  about:
    'Counts words and pairs of words, weighted by how rare they are, with logistic regression: for rows that share their answers, such as topics. ' +
    'It needs no language model and learns a thousand rows in about a second. The folder gets counter.json, and two short programs that use it ' +
    'without Fettle, in JavaScript and in Python. --run keeps the one that was measured beside a model, on the same rows.',
  examples: [
    'fettle sorter --data mails.csv --out sorters/mails',
    'fettle sorter --run runs/first --out sorters/first',
  ],
  async run(config, args, streams) {
    const work = (io: WorkIo) => workHere<SorterResult>('counter', config, io);
    const { result } = await printResult(args, streams, work, sorterText);
    const warn = (text: string) => void (wantsJson(args) || streams.err.write(`${text}\n`));
    await recordCounter(result, config.run, warn);
    return EXIT.ok;
  },
});

function sorterText({ labels, calibration, taughtRows, skippedRows, out, seconds }: SorterResult): string {
  const learned = taughtRows === null ? [] : [`Learned     from ${plural(taughtRows, 'row')}`];
  const skipped = skippedRows === 0 ? [] : [`Left out    ${number(skippedRows)} unreadable`];
  return [
    ...learned,
    ...skipped,
    ...qualityLines(labels, calibration),
    `Written     ${within(out, '            ')}`,
    `Time        ${duration(seconds)}`,
    '',
    'To sort rows with it:',
    `  fettle classify --run ${shellWord(out)} --data rows.csv --out sorted.csv`,
    '',
  ].join('\n');
}

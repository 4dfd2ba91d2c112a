/** `fettle sorter`: a sorter trained in seconds, or kept from a run, which `fettle classify` sorts with. */
import type { CallEvent, SorterResult, SorterRung } from '../../common/protocol/protocol.ts';
import { SORTER_SETTINGS } from '../../common/settings/commands.ts';
import { shellWord } from '../../common/words/format.ts';
import { endWords, rungName } from '../../common/words/sorters.ts';
import { recordSorter } from '../app/sorters.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseSorterConfig } from '../engine/config/config.ts';
import { qualityLines } from './answer.ts';
import { wantsJson } from './arguments.ts';
import { EXIT } from './command.ts';
import { printResult } from './display.ts';
import { filledLines } from './filled.ts';
import { commandOf } from './settings.ts';
import { bytes, duration, number, percentRange, plural, within } from './words.ts';

export const command = commandOf({
  name: 'sorter',
  settings: SORTER_SETTINGS,
  parse: parseSorterConfig,
  usage: 'sorter --data FILE|--run FOLDER --out FOLDER [flags]',
  about:
    'Learns to sort rows that share their answers, such as topics, in seconds and without a language model. It learns word counts first, of groups of two to four letters; then it tries ' +
    'logistic regression on the sentence vectors of each encoder on this computer, the smallest first, as long as the likely gain is worth the time, and ' +
    'keeps what gets more right of training rows that it has not seen. With many rows a category it trains the encoder, too, where that is worth the time; --by trained does it in any case. ' +
    'Ctrl-C keeps the best so far. The folder has short programs that use the sorter ' +
    'without Fettle. With --answer it fills that column; repeat it for several, which share one pass of the encoder. A column whose cells ' +
    'hold several categories (billing; urgent) becomes a yes or no for each, given from a probability of its own; --answer tags:choice reads each cell as one category. --run keeps the one that was measured beside a model, on the same rows.',
  examples: [
    'fettle sorter --data mails.csv --out sorters/mails',
    'fettle sorter --data mails.csv --by words --out sorters/words',
    'fettle sorter --data mails.csv --by trained --out sorters/trained',
    'fettle sorter --data mails.csv --answer topic --answer urgent --answer "mood:calm<cross<furious" --out sorters/mails',
    'fettle sorter --data reviews.csv --answer toxic+rude+spam:several --out sorters/reviews',
    'fettle sorter --run runs/first --out sorters/first',
  ],
  async run(config, args, streams) {
    const printRung = (event: CallEvent) => {
      if ('rung' in event && !wantsJson(args)) streams.err.write(`${rungLine(event.rung)}\n`);
    };
    const work = ({ emit = () => {}, ...io }: WorkIo) =>
      workHere('sorter', config, {
        ...io,
        emit: (event) => {
          printRung(event);
          emit(event);
        },
      });
    const { result } = await printResult(args, streams, work, sorterText);
    const warn = (text: string) => void (wantsJson(args) || streams.err.write(`${text}\n`));
    await recordSorter(result, config.run, warn);
    return EXIT.ok;
  },
});

/** Word counts: 91 % right (88 % to 94 %), 0.9 s. */
function rungLine(rung: SorterRung): string {
  const { accuracy, gain, seconds } = rung;
  const points = (share: number) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`;
  const more = gain ? `, ${points(gain.value)} points (${points(gain.low)} to ${points(gain.high)})` : '';
  return `${rungName(rung)}: ${percentRange(accuracy)} right of ${plural(accuracy.rows, 'answer')} it had not seen${more}, ${duration(seconds)}`;
}

function sorterText({
  labels,
  calibration,
  taughtRows,
  skippedRows,
  config,
  out,
  bytes: size,
  seconds,
}: SorterResult): string {
  const { end, rungs = [] } = config;
  const indent = '            ';
  const tried = rungs.map(
    (rung, i) => `${i === 0 ? 'Tried       ' : indent}${within(rungLine(rung), indent)}`,
  );
  const kept =
    rungs.length > 0 ? [`Kept        ${within(rungName({ ...config, encoder: config.model }), indent)}`] : [];
  const ended = end ? [`Ended       ${within(endWords(end), indent)}`] : [];
  const tests = config.learnedTests ? ', with the test rows once these had judged it' : '';
  const learned = taughtRows === null ? [] : [`Learned     from ${plural(taughtRows, 'row')}${tests}`];
  const skipped = skippedRows === 0 ? [] : [`Left out    ${number(skippedRows)} unreadable`];
  return [
    ...learned,
    ...skipped,
    ...tried,
    ...kept,
    ...ended,
    ...(config.columns ? filledLines(config) : qualityLines(labels, calibration)),
    `Written     ${within(out, indent)} (${bytes(size)})`,
    `Time        ${duration(seconds)}`,
    '',
    'To sort rows with it:',
    `  fettle classify --run ${shellWord(out)} --data rows.csv --out sorted.csv`,
    '',
  ].join('\n');
}

/** `fettle classify`: sorts rows into the categories that a run has learned, with scores that can be believed. */
import type { ClassifyResult } from '../../common/protocol/protocol.ts';
import { CLASSIFY_SETTINGS } from '../../common/settings/commands.ts';
import { percent } from '../../common/words/format.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseClassifyConfig } from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, type Streams } from './command.ts';
import { printResult } from './display.ts';
import { settle } from './settings.ts';
import { duration, number, plural, printable, within } from './words.ts';

const EXAMPLE = 'fettle classify --run runs/first --data new-mails.csv --out sorted.csv';

const FLAGS: readonly Flag[] = [...flagsOf(CLASSIFY_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'classify --run FOLDER [--data FILE --out FILE] [flags]',
  about:
    'For runs whose rows share their answers, such as topics. A score is the probability of a category among them, adjusted on the test rows so that ' +
    'of rows with a score of 0.9 about 90 % are right.',
  examples: [EXAMPLE, 'fettle classify --run runs/first --json'],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'classify', example: EXAMPLE }, parseClassifyConfig);
  const work = (io: WorkIo) => workHere<ClassifyResult>('classify', config, io);
  await printResult(args, streams, work, resultText);
  return EXIT.ok;
}

const CONFUSED = 5;

/** The result as a person reads it. */
function resultText({ labels, calibration, scored, out, seconds }: ClassifyResult): string {
  const { rows, accuracy, macroF1, errorBefore, errorAfter, temperature, sure, confused } = calibration;
  const [worst, more] = [confused.slice(0, CONFUSED), confused.length - CONFUSED];
  return [
    `Categories  ${number(labels.length)}: ${within(labels.join(', '), '            ')}`,
    `Test rows   ${plural(rows, 'row')}: ${percent(accuracy)} right, macro F1 ${macroF1.toFixed(3)}`,
    `Scores      ${percent(errorAfter)} off on average (${percent(errorBefore)} before temperature ${temperature.toFixed(2)})`,
    sure
      ? `Sure        from ${sure.score.toFixed(2)} on: ${percent(sure.right)} right, ${percent(sure.share)} of the rows`
      : 'Sure        at no score were 95 % of the test rows right',
    ...worst.map(
      ({ truth, given, rows: n }, i) =>
        `${i === 0 ? 'Confused    ' : '            '}${printable(truth)} as ${printable(given)}: ${plural(n, 'row')}`,
    ),
    ...(more > 0 ? [`            and ${plural(more, 'other pair')}`] : []),
    ...(scored
      ? [
          `Sorted      ${plural(scored.rows, 'row')}, ${number(scored.unsure)} for a person (score below ${scored.threshold.toFixed(2)})` +
            `${scored.accuracy === null ? '' : `, ${percent(scored.accuracy)} as they name it`}`,
          ...(scored.tooLong + scored.unreadable > 0
            ? [`Left out    ${number(scored.tooLong)} too long, ${number(scored.unreadable)} unreadable`]
            : []),
          `Written     ${within(out ?? '', '            ')}`,
        ]
      : []),
    `Time        ${duration(seconds)}`,
    '',
  ].join('\n');
}

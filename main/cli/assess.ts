/** `fettle assess`: tells what a run learned and what it forgot. */

import type { AssessResult } from '../../common/protocol/protocol.ts';
import { ASSESS_SETTINGS } from '../../common/settings/commands.ts';
import { recordAssessment } from '../app/history.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseAssessConfig } from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, type Streams } from './command.ts';
import { printResult } from './display.ts';
import { settle } from './settings.ts';
import { duration, loss, percentRange, plural, printable } from './words.ts';

const EXAMPLE = 'fettle assess --run runs/first';

const FLAGS: readonly Flag[] = [...flagsOf(ASSESS_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'assess --run FOLDER [flags]',
  about:
    'Compares the trained model with its base model on held-out rows and a general quiz, and writes assessment.json and report.html. ' +
    'Training does this at its end. An interrupted comparison continues with the same command.',
  examples: [EXAMPLE, `${EXAMPLE} --rows 300`],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'assess', example: EXAMPLE }, parseAssessConfig);
  const work = async (io: WorkIo) => {
    const result = await workHere<AssessResult>('assess', config, io);
    await recordAssessment(config.run, result, (text) => streams.err.write(`${text}\n`));
    return result;
  };
  await printResult(args, streams, work, (result) => `${assessmentText(result)}\n`);
  return EXIT.ok;
}

/** The result as a person reads it: the verdict first, then the figures that it rests on. */
function assessmentText(result: AssessResult): string {
  const { verdict, answers, loss: losses, forgetting, remedies, notes } = result;
  const lines = [printable(verdict.sentence), ...verdict.remarks.map(printable), ''];
  if (losses) {
    const rows = plural(losses.rows, 'held-out row');
    lines.push(`Loss       ${loss(losses.before.value)} -> ${loss(losses.after.value)} on ${rows}`);
  }
  for (const one of answers?.variants ?? []) {
    const score = one.right ?? one.chrf;
    const label = one.labelRight && answers?.score === 'right' && one.labelRight.value !== one.right?.value;
    const labels = label ? `, label right ${percentRange(one.labelRight!)}` : '';
    const tools = one.toolRight ? `, right tool ${percentRange(one.toolRight)}` : '';
    const name = answers?.score === 'right' ? 'right' : 'similarity';
    lines.push(
      `${VARIANTS[one.variant]} ${name} ${percentRange(score!)}${labels}${tools} (${plural(one.rows, 'row')})`,
    );
  }
  const quiz = forgetting?.quiz;
  if (quiz) {
    const { items, before, after } = quiz.total;
    lines.push(
      `Quiz       ${percentRange(before)} -> ${percentRange(after)} of ${plural(items, 'general question')}; ${quiz.broke.length} got worse, ${quiz.mended} better`,
    );
  }
  for (const { name, why, file } of remedies)
    lines.push(
      '',
      `Try        ${name}: ${why}`,
      ...(file === null ? [] : [`  fettle train --config ${file}`]),
    );
  lines.push(...notes.map((note) => `Note       ${note}`));
  lines.push('', `Report     ${result.report} (made in ${duration(result.seconds)})`);
  return lines.join('\n');
}

const VARIANTS = {
  before: 'Base model',
  system: '  with instructions',
  examples: '  with examples',
  after: 'Trained   ',
} as const;

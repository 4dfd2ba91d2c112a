/** `fettle eval`: measures a model on rows. */

import type { EvalResult } from '../../common/protocol/protocol.ts';
import { EVAL_SETTINGS } from '../../common/settings/commands.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseEvalConfig } from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, type Streams } from './command.ts';
import { printResult } from './display.ts';
import { settle } from './settings.ts';
import { duration, number, plural, rate } from './words.ts';

const EXAMPLE = 'fettle eval --model models/SmolLM2.gguf --adapter runs/first --data rows.jsonl';

const FLAGS: readonly Flag[] = [...flagsOf(EVAL_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'eval --model PATH [--adapter FOLDER] --data FILE [flags]',
  about: 'The loss is the mean over labelled tokens.',
  examples: [EXAMPLE, `${EXAMPLE} --split held-out --json`],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'eval', example: EXAMPLE }, parseEvalConfig);
  const work = (io: WorkIo) => workHere<EvalResult>('eval', config, io);
  const { isStopped } = await printResult(args, streams, work, resultText);
  return isStopped ? EXIT.interrupted : EXIT.ok;
}

/** The result as a person reads it. */
function resultText(result: EvalResult): string {
  const skipped = result.skippedRows ? `, ${number(result.skippedRows)} skipped` : '';
  const cut = result.truncatedRows ? `, ${number(result.truncatedRows)} cut off` : '';
  return [
    `Loss        ${result.loss.toFixed(4)} (mean over ${plural(result.labelledTokens, 'labelled token')})`,
    `Perplexity  ${result.perplexity.toPrecision(4)}`,
    `Data        ${plural(result.rows, 'row')}${skipped}${cut}, ${plural(result.tokens, 'token')}`,
    `Time        ${duration(result.seconds)}, ${rate(result.tokensPerSecond)}`,
    '',
  ].join('\n');
}

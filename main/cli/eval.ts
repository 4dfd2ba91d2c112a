/** `fettle eval`: measures a model on rows. */

import type { EvalResult } from '../../common/protocol/protocol.ts';
import { parseEvalConfig } from '../engine/config/config.ts';
import { EvalFields } from '../engine/config/schemas.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Streams } from './command.ts';
import { openDisplay } from './display.ts';
import { EXIT } from './exit-codes.ts';
import { type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './flags.ts';
import { onInterrupt } from './interrupt.ts';
import { settle } from './settings.ts';
import { duration, number, plural, rate } from './words.ts';

const EXAMPLE = 'fettle eval --model models/SmolLM2.gguf --adapter runs/first --data rows.jsonl';

const FLAGS: readonly Flag[] = [...flagsOf(EvalFields), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'eval --model PATH [--adapter FOLDER] --data FILE [flags]',
  about:
    'With --json it prints one object: loss (mean over labelled tokens), perplexity, labelledTokens, and more.',
  examples: [EXAMPLE, `${EXAMPLE} --split held-out --json`],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'eval', example: EXAMPLE }, parseEvalConfig);
  const json = args.values.get('json') === true;
  // Stdout is for the one result: what goes on in between is shown on stderr, and to programs not at all.
  const display = json ? undefined : openDisplay(streams, false);
  const interrupt = onInterrupt(() => display?.note('Stopping. Press Ctrl-C again to end at once.'));
  try {
    const { evaluate } = await import('../engine/session/session.ts');
    const result = await evaluate(config, { emit: (event) => display?.show(event), stop: interrupt.stop });
    display?.close();
    streams.out.write(json ? `${JSON.stringify(result)}\n` : resultText(result));
    return interrupt.stop.aborted ? EXIT.interrupted : EXIT.ok;
  } finally {
    display?.close();
    interrupt.release();
  }
}

/** The result as a person reads it. */
export function resultText(result: EvalResult): string {
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

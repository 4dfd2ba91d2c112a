/** `fettle learn time`: operations of a training, and its time and cost on graphics cards, by the textbook. */
import { type TimeAnswer, TimeQuestion } from '../../../preload/contract/learn.ts';
import { trainingTime } from '../../plan/textbook.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { type Flag, HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { columnsText } from '../runs/words.ts';
import { bytes, count, duration } from '../words.ts';
import { MODEL_FLAGS, questionOf } from './question.ts';

const FLAGS: readonly Flag[] = [
  ...MODEL_FLAGS,
  {
    name: 'rows',
    value: 'N',
    about: 'rows of the data',
    group: 'Work',
    fallback: '10000',
    alsoCalled: ['examples', 'samples'],
  },
  {
    name: 'tokens-per-row',
    value: 'N',
    about: 'tokens of a row on average',
    group: 'Work',
    fallback: '500',
    alsoCalled: ['tokens', 'length'],
  },
  { name: 'epochs', value: 'N', about: 'passes over the rows', group: 'Work', fallback: '3' },
  {
    name: 'utilisation',
    value: 'SHARE',
    about: 'share of the published peak that a training reaches',
    group: 'Work',
    fallback: '0.4',
    alsoCalled: ['mfu', 'utilization', 'efficiency'],
  },
  {
    name: 'recompute',
    about: 'the forward pass is computed twice, to save memory',
    group: 'Work',
    negatable: true,
    alsoCalled: ['gradient-checkpointing', 'checkpointing'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'learn time [flags]',
  about:
    'Operations by the textbook, over the rates that the makers publish. Prices are assumptions of ours. A run on this computer is planned by other commands. ' +
    'With --json it prints one object.',
  examples: [
    'fettle learn time --parameters 7B --rows 10000 --tokens-per-row 500 --epochs 3',
    'fettle learn time --model Qwen/Qwen2.5-1.5B --method lora --rows 2000',
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, { out }: Streams): Promise<number> {
  const answer = trainingTime(await questionOf(TimeQuestion, args));
  out.write(args.values.get('json') === true ? `${JSON.stringify(answer)}\n` : timeText(answer));
  return EXIT.ok;
}

/** The answer as a person reads it. */
export function timeText(answer: TimeAnswer): string {
  const { tokens, perToken, flops, machines, currency, pricesFrom, neededBytes } = answer;
  const each = Object.values(perToken).reduce((sum, part) => sum + part, 0);
  const head = ['Graphics card', 'Memory', 'Peak', 'Time', `Cost (${currency})`, ''];
  const rows = machines.map((card) => [
    card.name,
    bytes(card.memoryBytes),
    `${count(card.peakFlops / 1e12)} TFLOP/s`,
    duration(card.seconds),
    card.cost.toFixed(2),
    card.fits ? '' : 'does not fit',
  ]);
  return `${[
    `${count(tokens)} tokens x ${(each / 1e9).toFixed(1)} billion operations = ${flops.toExponential(2)} operations`,
    '',
    ...columnsText([head, ...rows], 40),
    '',
    `Memory needed by the textbook, a row at a time: ${bytes(neededBytes)}.`,
    `Prices are assumptions of ${pricesFrom}, not offers.`,
  ].join('\n')}\n`;
}

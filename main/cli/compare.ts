/** `fettle compare`: a blind choice between answers before and after, one keystroke a pair. */
import { createInterface } from 'node:readline';
import type { BlindResult, BlindRound } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { CallEvent, CompareResult } from '../../common/protocol/protocol.ts';
import { COMPARE_SETTINGS } from '../../common/settings/commands.ts';
import { workHere } from '../app/work-here.ts';
import { parseCompareConfig } from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, onInterrupt, type Streams } from './command.ts';
import { openDisplay } from './display.ts';
import { settle } from './settings.ts';
import { printable } from './words.ts';

const EXAMPLE = 'fettle compare --run runs/first';

const FLAGS: readonly Flag[] = [...flagsOf(COMPARE_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'compare --run FOLDER [flags]',
  about:
    'Shows pairs of answers, one of the base model and one of the trained model, in random order. Type 1 or 2 for the better one, ' +
    '= if they are equal, 0 if both are bad, q to end. The result is kept in blind.json. Choices can also be piped in, one per line.',
  examples: [EXAMPLE, `${EXAMPLE} --rows 20`],
  flags: FLAGS,
  run,
};

type Tally = CompareResult & BlindResult & { readonly file: string };
type Choice = 'first' | 'second' | 'equal' | 'bad';

/** What may be typed for a choice; `null` ends the round. */
const KEYS: Readonly<Record<string, Choice | null>> = {
  1: 'first',
  2: 'second',
  '=': 'equal',
  0: 'bad',
  q: null,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'compare', example: EXAMPLE }, parseCompareConfig);
  const json = args.values.get('json') === true;
  const display = json ? undefined : openDisplay(streams, false);
  const { stop, release } = onInterrupt(() => display?.note('Stopping. Press Ctrl-C again to end at once.'));
  try {
    const round = { ...config, shown: [] };
    const emit = (event: CallEvent) => 'event' in event && display?.show(event);
    const { pairs } = await workHere<Pick<BlindRound, 'pairs'>>('blind', round, { emit, stop });
    display?.close();
    const choices = await choicesFor(pairs, streams, stop);
    if (choices.length === 0)
      throw new AppError(
        'bad-usage',
        'No choice was made.',
        'Type 1, 2, = or 0 for each pair, or pipe them in, one a line.',
      );
    // also after Ctrl-C: what was chosen by then is kept
    const { file, trained: _, ...result } = await workHere<Tally>('judge', { ...round, choices });
    streams.out.write(json ? `${JSON.stringify(result)}\n` : `\n${result.sentence}\nKept in ${file}\n`);
    return stop.aborted ? EXIT.interrupted : EXIT.ok;
  } finally {
    display?.close();
    release();
  }
}

/** Asks for each pair until all are judged or the person ends; what is shown goes to stderr, for stdout has the result. */
async function choicesFor(
  pairs: readonly { readonly prompt: string; readonly first: string; readonly second: string }[],
  { err }: Streams,
  stop: AbortSignal,
): Promise<Choice[]> {
  // opened only now: lines that come while nobody waits for them would be lost
  const input = createInterface({ input: process.stdin, terminal: false });
  const lines = input[Symbol.asyncIterator]();
  const ended = new Promise<{ done: true; value: undefined }>((resolve) =>
    stop.addEventListener('abort', () => resolve({ done: true, value: undefined })),
  );
  const choices: Choice[] = [];
  for (const [i, pair] of pairs.entries()) {
    err.write(pairText(pair, i + 1, pairs.length));
    const choice = await nextChoice(() => Promise.race([lines.next(), ended]), err);
    if (choice === null) break;
    choices.push(choice);
  }
  input.close();
  return choices;
}

/** The next line that is a choice; null when the person or the input ends. */
async function nextChoice(
  next: () => Promise<IteratorResult<string>>,
  err: Streams['err'],
): Promise<Choice | null> {
  for (let line = await next(); !line.done; line = await next()) {
    const choice = KEYS[line.value.trim().toLowerCase()];
    if (choice !== undefined) return choice;
    err.write('Type 1, 2, =, 0 or q: ');
  }
  return null;
}

/** One pair as it is shown. */
function pairText(
  { prompt, first, second }: { readonly prompt: string; readonly first: string; readonly second: string },
  number: number,
  of: number,
): string {
  const shown = (text: string) =>
    printable(text.trim() === '' ? '(nothing)' : text.trim()).replaceAll('\n', '\n     ');
  return `\n${number} of ${of}\n     ${shown(prompt)}\n\n  1  ${shown(first)}\n\n  2  ${shown(second)}\n\nWhich is better: 1, 2, = (equally good), 0 (both bad) or q? `;
}

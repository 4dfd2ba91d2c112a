/** What every command has: its description, where it writes, and the codes that it exits with. */
import { described } from '../runs/problems.ts';
import { type Arguments, type Flag, wantsJson } from './arguments.ts';

export interface Command {
  /** The call in short, after `fettle`. */
  readonly usage: string;
  /** A few sentences below the usage. */
  readonly about?: string;
  readonly examples: readonly string[];
  readonly flags: readonly Flag[];
  /** Placeholders of the arguments without a flag; all but `[FILE]` are required. `FILE…`, as the last, takes one or more. */
  readonly positionals?: readonly string[];
  /** Does the work and returns the exit code; throws `AppError` for what the user can fix. `commands`: all that there are. */
  run(args: Arguments, streams: Streams, commands?: readonly CommandEntry[]): Promise<number>;
}

/** The part of a writable stream that the command line uses. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Where a command writes: results to `out`, everything for watching to `err`. */
export interface Streams {
  readonly out: Output;
  readonly err: Output;
}

/** A command as the overview lists it; its own file is read only when it is used. */
export interface CommandEntry {
  /** One word, or two: `data show`. */
  readonly name: string;
  readonly summary: string;
  /** Names that other tools use for it. */
  readonly alsoCalled: readonly string[];
  load(): Promise<{ readonly command: Command }>;
}

/** A command of an extra, which help lists after the one that it names. */
export interface ExtraCommand extends CommandEntry {
  readonly after: string;
}

/** Prints the one result of a command: with --json as it is, else in words. */
export function printOne(
  args: Pick<Arguments, 'values'>,
  { out }: Streams,
  result: unknown,
  text: () => string,
): void {
  out.write(wantsJson(args) ? `${JSON.stringify(result)}\n` : text());
}

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  data: 3,
  model: 4,
  resources: 5,
  interrupted: 130,
} as const;

/** The table in `--help`. */
export const EXIT_CODES: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: 'done' },
  { code: EXIT.failed, meaning: 'failed for another reason' },
  { code: EXIT.usage, meaning: 'wrong command, flag, setting or path' },
  { code: EXIT.data, meaning: 'the rows cannot be used' },
  { code: EXIT.model, meaning: 'the model, its tokenizer or its adapter cannot be read or is not supported' },
  { code: EXIT.resources, meaning: 'not enough memory or disk space, or no such device' },
  {
    code: EXIT.interrupted,
    meaning: 'stopped by Ctrl-C or by a signal (a training run has saved and can resume)',
  },
];

/** An error's code belongs to the first row that has one of its words: `bad-row` to data, `gguf-invalid` to model. */
const WORDS: readonly (readonly [number, readonly string[]])[] = [
  [EXIT.interrupted, ['stopped']],
  // before the settings: a model has a configuration too
  [EXIT.model, ['model']],
  [
    EXIT.usage,
    [
      'usage',
      'config',
      'run',
      'split',
      'found',
      'forbidden',
      'read',
      'write',
      'exists',
      'path',
      'resume',
      'prompt',
      'context',
    ],
  ],
  [EXIT.resources, ['memory', 'disk', 'device', 'pack', 'limit']],
  [EXIT.data, ['row', 'rows', 'data', 'jsonl']],
  [
    EXIT.model,
    ['weights', 'tensor', 'safetensors', 'gguf', 'tokenizer', 'template', 'adapter', 'file', 'unsupported'],
  ],
];

export function exitCodeOf(error: unknown): number {
  const words = described(error).code.split(/[-.]/);
  return WORDS.find(([, known]) => words.some((word) => known.includes(word)))?.[0] ?? EXIT.failed;
}

/**
 * Ctrl-C with a second thought: the first one asks the job to finish its step and save, the next one ends the process at once. SIGTERM, a
 * closed terminal and a `STOP` on the channel of whoever started this process count like Ctrl-C: Windows knows no signal that can be heard.
 */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The same word as in bin/fettle.js. */
export const STOP = 'stop';

/** npm passes a Ctrl-C on that the terminal has sent to its child already: within this time it is the same one. */
const SAME_PRESS_MS = 250;

/** Aborts the returned signal at the first interrupt, after calling `announce`. `release` undoes it. */
export function onInterrupt(announce: () => void): { readonly stop: AbortSignal; release(): void } {
  const controller = new AbortController();
  let pressedAt = 0;
  const release = () => {
    for (const name of SIGNALS) process.removeListener(name, interrupt);
    process.removeListener('message', hear);
  };
  function interrupt(): void {
    if (controller.signal.aborted) {
      if (performance.now() - pressedAt > SAME_PRESS_MS) process.exit(EXIT.interrupted);
      return;
    }
    announce();
    controller.abort();
    pressedAt = performance.now();
  }
  function hear(message: unknown): void {
    if (message === STOP) interrupt();
  }
  for (const name of SIGNALS) process.on(name, interrupt);
  // a channel that is listened to for this alone keeps no process from ending
  const isAlone = process.listenerCount('message') === 0;
  process.on('message', hear);
  if (isAlone) process.channel?.unref();
  return { stop: controller.signal, release };
}

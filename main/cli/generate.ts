/** `fettle generate`: lets a model answer, the text appearing as it is made. */

import { AppError } from '../../common/errors.ts';
import type { CallEvent, GenerateResult } from '../../common/protocol/protocol.ts';
import { GENERATE_SETTINGS } from '../../common/settings/commands.ts';
import { workHere } from '../app/work-here.ts';
import { parseGenerateConfig } from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, onInterrupt, type Streams } from './command.ts';
import { settle } from './settings.ts';
import { isTerminal, plural, printable, rate, styleFor } from './words.ts';

const EXAMPLE = 'fettle generate --model models/SmolLM2.gguf --adapter runs/first --prompt "Hello"';

const FLAGS: readonly Flag[] = [...flagsOf(GENERATE_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'generate --model PATH [--adapter FOLDER] --prompt TEXT [flags]',
  about:
    'The prompt goes into the chat template of the model, unless there is none or --raw is given. A prompt of - is read from stdin.',
  examples: [
    EXAMPLE,
    'fettle generate --model models/gpt2 --prompt "Once upon a time" --raw --temperature 0.8',
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const given = settle(args, FLAGS, [], { name: 'generate', example: EXAMPLE }, parseGenerateConfig);
  const config = given.prompt === '-' ? { ...given, prompt: await readStdin() } : given;
  const json = args.values.get('json') === true;
  const { stop, release } = onInterrupt(() => {});
  try {
    const emit = (event: CallEvent) => {
      if (json || !('text' in event)) return;
      streams.out.write(isTerminal(streams.out, process.env) ? printable(event.text) : event.text);
    };
    const result = await workHere<GenerateResult>('generate', config, { emit, stop });
    streams.out.write(json ? `${JSON.stringify(result)}\n` : '\n');
    if (!json && isTerminal(streams.err, process.env)) {
      const speed = `${plural(result.newTokens, 'token')}, ${rate(result.tokensPerSecond)}`;
      streams.err.write(`${styleFor(streams.err, process.env).faint(speed)}\n`);
    }
    return result.stopReason === 'stopped' ? EXIT.interrupted : EXIT.ok;
  } finally {
    release();
  }
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  const text = Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (text !== '') return text;
  throw new AppError('bad-usage', 'The prompt on stdin is empty.', 'Pipe a text in, or write --prompt TEXT.');
}

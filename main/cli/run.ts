/** `fettle run`: a model for other programs, through OpenAI's API on this computer. */
import type { CallEvent } from '../../common/protocol/protocol.ts';
import { ENDPOINT_SETTINGS } from '../../common/settings/commands.ts';
import { prepareEndpoint } from '../app/endpoint.ts';
import { workHere } from '../app/work-here.ts';
import { parseEndpointConfig } from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, onInterrupt, type Streams } from './command.ts';
import { settle } from './settings.ts';
import { duration, plural, printable } from './words.ts';

const EXAMPLE = 'fettle run --run runs/first';

const FLAGS: readonly Flag[] = [...flagsOf(ENDPOINT_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'run --run FOLDER|--model PATH [--port N] [flags]',
  about:
    'Lets other programs on this computer use a model through OpenAI’s API: chat and text completions with streaming, tools and JSON schemas, and ' +
    'embeddings, computed by llama.cpp. A run is first exported as GGUF, once. Ctrl-C ends it. Other computers can’t connect.',
  examples: [EXAMPLE, 'fettle run --model exports/first.gguf --port 8080 --key my-key'],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'run', example: EXAMPLE }, parseEndpointConfig);
  const json = args.values.get('json') === true;
  const note = (text: string) => void streams.err.write(`${text}\n`);
  const { stop, release } = onInterrupt(() => note('Ending.'));
  try {
    let told = '';
    const onExport = (event: CallEvent) => {
      if (!('event' in event) || event.event !== 'phase' || !event.detail || event.detail === told) return;
      told = event.detail;
      note(`Preparing: ${printable(event.detail)}`);
    };
    const endpoint = await prepareEndpoint(config, workHere, { emit: onExport, stop });
    const emit = (event: CallEvent) => void streams.out.write(newsText(event, endpoint, json));
    const { port, contextSize, threads, origins = [] } = config;
    await workHere('endpoint', { ...endpoint, port, contextSize, threads, origins }, { emit, stop });
    return EXIT.ok;
  } catch (error) {
    if (stop.aborted) return EXIT.ok;
    throw error;
  } finally {
    release();
  }
}

function newsText(event: CallEvent, { name, key }: { name: string; key: string }, json: boolean): string {
  if ('listening' in event) {
    const { address, contextSize } = event.listening;
    if (json) return `${JSON.stringify({ event: 'listening', address, model: name, key, contextSize })}\n`;
    return `Base URL  ${address}\nAPI key   ${key}\nModel     ${printable(name)}\nContext   ${plural(contextSize, 'token')}\n\nCtrl-C ends it.\n`;
  }
  if (!('request' in event)) return '';
  const { method, path, status, tokens, seconds } = event.request;
  if (json) return `${JSON.stringify({ event: 'request', ...event.request })}\n`;
  return `${[method, printable(path), status, ...(tokens > 0 ? [plural(tokens, 'token')] : []), duration(seconds)].join('  ')}\n`;
}

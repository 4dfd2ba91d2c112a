/** `fettle mcp`: a server for assistants on stdin and stdout. */
import path from 'node:path';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { knownHere } from '../../app/grounds.ts';
import { type Arguments, type Flag, HELP_FLAG, JSON_FLAG, wantsJson } from '../../cli/arguments.ts';
import { type Command, type CommandEntry, EXIT, onInterrupt, type Streams } from '../../cli/command.ts';
import { keyHere, listening, portFlag, portOf } from '../../cli/keyed.ts';
import { bytes } from '../../cli/words.ts';
import { openLog } from '../../log.ts';
import { dataFolder, modelsFolder, resourcesFolder } from '../../paths.ts';
import { followPointers } from '../../store/data-files.ts';
import { Grants } from './grants.ts';
import { openMcpHttp } from './http.ts';
import { Jobs } from './jobs.ts';
import { mcpServer } from './server.ts';

const FLAGS: readonly Flag[] = [
  {
    name: 'folder',
    about: 'folder that the assistant may read and write; can be repeated',
    group: 'Folders',
    value: 'FOLDER',
    repeats: true,
    fallback: 'the roots of the assistant’s program, or it asks you',
    alsoCalled: ['allow', 'allow-dir', 'root', 'roots', 'grant', 'dir'],
  },
  portFlag('none: stdin and stdout'),
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'mcp [--folder FOLDER]… [--port N]',
  about:
    'Started by an assistant’s program, which speaks the Model Context Protocol on stdin and stdout, or with --port over HTTP on this computer, with the key in ' +
    'FETTLE_KEY or a new one. The assistant can check data, sort in seconds, plan, train, ' +
    'follow, compare, chat and export, in folders that you grant. Nothing leaves this computer, and each call is in logs/fettle.log of the data folder.',
  examples: ['fettle mcp --folder ~/mails', 'fettle mcp --folder ~/mails --port 4888'],
  flags: FLAGS,
  run,
};

async function run(
  args: Arguments,
  { out, err }: Streams,
  commands: readonly CommandEntry[] = [],
): Promise<number> {
  const { values } = args;
  const port = portOf(args);
  const known = await knownHere();
  const practice = path.join(resourcesFolder(), 'practice-model');
  const models = known.models.filter(({ available }) => available);
  const grants = new Grants({
    program: [practice, path.join(resourcesFolder(), 'samples')],
    models: [modelsFolder(), ...models.map((model) => model.path)],
  });
  for (const folder of [values.get('folder') ?? []].flat()) grants.add(path.resolve(String(folder)));
  const jobs = new Jobs(process.argv[1]!);
  const log = openLog(() => path.join(followPointers(dataFolder()).at(-1)!, 'logs'));
  log.note(`mcp: begins; granted: ${grants.folders.join(', ') || 'no folder yet'}`);
  const ended = Promise.withResolvers<void>();
  const { stop, release } = onInterrupt(() => err.write('Ending. Work under way saves first.\n'));
  stop.addEventListener('abort', () => ended.resolve());
  const list = [
    'Models on this computer',
    ...models.map((one) => `  ${one.path}: ${one.name}, ${one.family}, ${bytes(one.bytes)}`),
    `  ${practice}: the practice model that comes with Fettle, tiny, for trying everything out`,
  ].join('\n');
  const serverFor = () => mcpServer({ grants, jobs, log, commands, models: async () => list });
  const onerror = (error: Error) => log.note(`mcp: ${error.message}`);
  const handle = port === undefined ? overPipes() : await overHttp(port);
  await ended.promise;
  await jobs.close();
  await handle.close();
  release();
  return EXIT.ok;

  function overPipes() {
    process.stdin.on('close', () => ended.resolve()).on('end', () => ended.resolve());
    return serveStdio(serverFor, { onerror });
  }

  async function overHttp(at: number) {
    const key = keyHere();
    const server = await listening(at, openMcpHttp(serverFor, { port: at, key, onerror }));
    const { address } = server;
    out.write(
      wantsJson(args)
        ? `${JSON.stringify({ event: 'listening', address, key })}\n`
        : `Address  ${address}\nKey      ${key}, as Authorization: Bearer\n\nCtrl-C ends it.\n`,
    );
    return server;
  }
}

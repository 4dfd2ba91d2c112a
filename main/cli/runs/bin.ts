/** `fettle runs delete` puts runs into the bin or deletes them for good, `bin` shows and empties it, `restore` takes runs out of it. */
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { RunDetails } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import { binRuns, DAYS_IN_BIN, listBin } from '../../app/bin.ts';
import { pickBinned, pickRuns } from '../../app/history.ts';
import type { Store } from '../../store/store.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG, wantsJson } from '../arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../command.ts';
import { bytes, plural, printable } from '../words.ts';
import { columnsText, dateText, ID_CHARS, withHistory } from './list.ts';

const YES: Flag = {
  name: 'yes',
  about: 'delete for good without asking; needed without a terminal',
  group: 'Safety',
  alsoCalled: ['y', 'force', 'f'],
};
const CELL_CHARS = 32;

export const deleteCommand: Command = {
  usage: 'runs delete ID… [--now] [--yes]',
  about: `Puts runs into the bin, where they stay for ${DAYS_IN_BIN} days. With --now they go for good, with their folders in Fettle's data folder. A folder chosen elsewhere with --out stays.`,
  examples: ['fettle runs delete 3f2a91c0', 'fettle runs delete 3f2 77d --now --yes'],
  flags: [
    {
      name: 'now',
      about: 'delete for good, past the bin',
      group: 'Safety',
      alsoCalled: ['purge', 'forever', 'permanent', 'permanently', 'hard'],
    },
    YES,
    JSON_FLAG,
    HELP_FLAG,
  ],
  positionals: ['ID…'],
  run: (args, streams) => withHistory(streams, (store) => deleteRuns(store, args, streams)),
};

async function deleteRuns(store: Store, args: Arguments, streams: Streams): Promise<number> {
  const runs = pickRuns(store, args.positionals);
  const ids = runs.map(({ id }) => id);
  const going = runs.find(({ state }) => state === 'running');
  if (going)
    throw new AppError(
      'run-busy',
      `The run ${going.name} (${going.id}) is going on.`,
      'Stop it first: Ctrl-C in its window.',
    );
  if (args.values.get('now') !== true) {
    const { bytes: size } = await binRuns(store, ids);
    const text = () =>
      `${plural(runs.length, 'run')} moved to the bin (${bytes(size)}), kept for ${DAYS_IN_BIN} days.\n` +
      `To take back: fettle runs restore ${ids.map((id) => id.slice(0, ID_CHARS)).join(' ')}\n`;
    printOne(args, streams, { deleted: ids, freedBytes: 0 }, text);
    return EXIT.ok;
  }
  const freeing = await store.runs.weigh(ids);
  const plan = planText(store, runs, freeing);
  return purge(store, ids, plan, args, streams);
}

function planText(
  store: Store,
  runs: readonly RunDetails[],
  freeing: { readonly bytes: number; readonly files: number },
): string {
  const own = path.join(store.folder, 'runs') + path.sep;
  const staying = runs.filter(({ folder, bytes: size }) => size > 0 && !folder.startsWith(own));
  const names = runs.map(({ name, id }) => `${name} (${id})`).join(', ');
  return [
    `Deleting ${names} frees ${bytes(freeing.bytes)} in ${plural(freeing.files, 'file')}.`,
    ...staying.map(({ folder }) => `The folder ${folder} is your own and stays.`),
  ].join('\n');
}

/** Says what goes, asks where nobody has agreed, and deletes it for good. */
async function purge(
  store: Store,
  ids: readonly string[],
  plan: string,
  args: Arguments,
  streams: Streams,
): Promise<number> {
  const json = wantsJson(args);
  if (!json) streams.err.write(`${printable(plan)}\n`);
  if (args.values.get('yes') !== true && !(await isAgreed(streams, json))) {
    streams.err.write('Nothing was deleted.\n');
    return EXIT.interrupted;
  }
  store.runs.bin(ids);
  const freed = await store.runs.purge(ids);
  const text = () => `Deleted ${plural(ids.length, 'run')}, ${bytes(freed)} freed.\n`;
  printOne(args, streams, { deleted: ids, freedBytes: freed }, text);
  return EXIT.ok;
}

async function isAgreed({ err }: Streams, json: boolean): Promise<boolean> {
  if (json || !process.stdin.isTTY || err.isTTY !== true)
    throw badUsage(
      'Nothing was deleted: nobody can be asked here.',
      'Add --yes to delete without being asked.',
    );
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question('Delete for good? y or n: ')).trim());
  } finally {
    asking.close();
  }
}

export const binCommand: Command = {
  usage: 'runs bin [--empty] [--yes]',
  about: `Deleted runs, with their sizes and the day on which they go for good: ${DAYS_IN_BIN} days after they were deleted.`,
  examples: ['fettle runs bin', 'fettle runs bin --empty --yes'],
  flags: [
    {
      name: 'empty',
      about: 'delete all runs in the bin for good',
      group: 'Safety',
      alsoCalled: ['clear', 'purge', 'clean', 'delete'],
    },
    YES,
    JSON_FLAG,
    HELP_FLAG,
  ],
  run: (args, streams) => withHistory(streams, (store) => showBin(store, args, streams)),
};

async function showBin(store: Store, args: Arguments, streams: Streams): Promise<number> {
  const { runs, bytes: size } = await listBin(store);
  if (args.values.get('empty') !== true) {
    printOne(args, streams, { bytes: size, runs }, () => binText(runs, size));
    return EXIT.ok;
  }
  const ids = runs.map(({ id }) => id);
  if (ids.length === 0) {
    printOne(args, streams, { deleted: [], freedBytes: 0 }, () => 'The bin is empty.\n');
    return EXIT.ok;
  }
  return purge(
    store,
    ids,
    `Emptying the bin frees ${bytes(size)}: ${plural(ids.length, 'run')}.`,
    args,
    streams,
  );
}

function binText(runs: Awaited<ReturnType<typeof listBin>>['runs'], size: number): string {
  if (runs.length === 0) return 'The bin is empty.\n';
  const rows = runs.map(({ id, name, model, bytes: own, binned, until }) => [
    ...[id.slice(0, ID_CHARS), name, model, bytes(own)],
    ...[dateText(binned), dateText(until)],
  ]);
  const head = ['Id', 'Name', 'Model', 'Size', 'Deleted', 'Kept until'];
  return `${columnsText([head, ...rows], CELL_CHARS).join('\n')}\n\nEmptying the bin frees ${bytes(size)}.\n`;
}

export const restoreCommand: Command = {
  usage: 'runs restore ID…',
  about: 'Takes runs out of the bin, as they were.',
  examples: ['fettle runs restore 3f2a91c0'],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['ID…'],
  run: (args, streams) =>
    withHistory(streams, (store) => {
      const ids = pickBinned(store, args.positionals).map(({ id }) => id);
      store.runs.restore(ids);
      printOne(args, streams, { restored: ids }, () => `Restored ${plural(ids.length, 'run')}.\n`);
      return EXIT.ok;
    }),
};

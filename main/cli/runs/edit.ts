/** `fettle runs edit`: what people write about a run; `fettle runs delete`: says what it would free, asks, and frees it. */

import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { RunDetails } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import { defined } from '../../../common/values.ts';
import { pickRuns } from '../../app/history.ts';
import type { RunChange, Store } from '../../store/store.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG, wantsJson } from '../arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../command.ts';
import { bytes, plural, printable } from '../words.ts';
import { withHistory } from './list.ts';

const EXAMPLE = 'fettle runs edit 3f2a91c0 --name "Support, second try" --tags support,good';

/** The longest that the window accepts, too. */
const MOST = { name: 200, notes: 100_000, tag: 60, tags: 50 };

const FLAGS: readonly Flag[] = [
  { name: 'name', value: 'TEXT', about: 'new name', group: 'Changes', alsoCalled: ['rename', 'title'] },
  {
    name: 'notes',
    value: 'TEXT',
    about: 'new notes; "" for none',
    group: 'Changes',
    alsoCalled: ['note', 'comment', 'description'],
  },
  {
    name: 'tags',
    value: 'TAGS',
    about: 'new tags, separated by commas; "" for none',
    group: 'Changes',
    alsoCalled: ['tag', 'label', 'labels'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'runs edit ID [--name TEXT] [--notes TEXT] [--tags TAGS]',
  about: 'What is left out stays the same.',
  examples: [EXAMPLE, 'fettle runs edit 3f2 --notes "lower rate than the first"'],
  flags: FLAGS,
  positionals: ['ID'],
  run(args, streams) {
    const change = changeOf(args);
    return withHistory(streams, (store) => {
      const [run] = pickRuns(store, args.positionals);
      const edited = store.runs.update(run!.id, change);
      printOne(args, streams, edited, () => editedText(edited, change));
      return EXIT.ok;
    });
  },
};

function changeOf({ values }: Arguments): RunChange {
  const text = (name: string) => values.get(name) as string | undefined;
  const [name, notes] = [text('name')?.trim(), text('notes')];
  const tags = text('tags')
    ?.split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (name === undefined && notes === undefined && tags === undefined)
    throw badUsage('Nothing to change: --name, --notes or --tags is missing.', `For example: ${EXAMPLE}`);
  const tooLong = tags?.find((tag) => tag.length > MOST.tag);
  if (name === '') refuse('--name must not be empty.');
  if (name && name.length > MOST.name) refuse(`--name may have ${MOST.name} characters; got ${name.length}.`);
  if (notes && notes.length > MOST.notes)
    refuse(`--notes may have ${MOST.notes} characters; got ${notes.length}.`);
  if (tooLong)
    refuse(`A tag may have ${MOST.tag} characters; "${tooLong.slice(0, MOST.tag)}…" has ${tooLong.length}.`);
  if (tags && tags.length > MOST.tags) refuse(`A run may have ${MOST.tags} tags; got ${tags.length}.`);
  return defined({ name, notes, tags });
}

function refuse(message: string): never {
  throw badUsage(message, `For example: ${EXAMPLE}`);
}

function editedText({ id, name }: RunDetails, change: RunChange): string {
  return `Changed ${Object.keys(change).join(', ')} of ${name} (${id}).\n`;
}

const DELETE_FLAGS: readonly Flag[] = [
  {
    name: 'yes',
    about: 'delete without asking; needed without a terminal',
    group: 'Safety',
    alsoCalled: ['y', 'force', 'f'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const deleteCommand: Command = {
  usage: 'runs delete ID… [--yes]',
  about:
    "Deletes runs for good, with their folders in Fettle's data folder. A folder chosen elsewhere with --out stays.",
  examples: ['fettle runs delete 3f2a91c0', 'fettle runs delete 3f2 77d --yes'],
  flags: DELETE_FLAGS,
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
  const freeing = await store.runs.weigh(ids);
  const names = runs.map(({ name, id }) => `${name} (${id})`).join(', ');
  const json = wantsJson(args);
  if (!json) streams.err.write(`${printable(planText(store, runs, names, freeing))}\n`);
  if (args.values.get('yes') !== true && !(await isAgreed(streams, json))) {
    streams.err.write('Nothing was deleted.\n');
    return EXIT.interrupted;
  }
  store.runs.bin(ids);
  const freed = await store.runs.purge(ids);
  const text = () => `Deleted ${plural(runs.length, 'run')}, ${bytes(freed)} freed.\n`;
  printOne(args, streams, { deleted: ids, freedBytes: freed }, text);
  return EXIT.ok;
}

function planText(
  store: Store,
  runs: readonly RunDetails[],
  names: string,
  freeing: { readonly bytes: number; readonly files: number },
): string {
  const own = path.join(store.folder, 'runs') + path.sep;
  const staying = runs.filter(({ folder, bytes: size }) => size > 0 && !folder.startsWith(own));
  return [
    `Deleting ${names} frees ${bytes(freeing.bytes)} in ${plural(freeing.files, 'file')}.`,
    ...staying.map(({ folder }) => `The folder ${folder} is your own and stays.`),
  ].join('\n');
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

/** `fettle runs edit`: what people write about a run. */
import type { RunDetails } from '../../../common/api/contract.ts';
import { defined } from '../../../common/values.ts';
import { pickRuns } from '../../app/history.ts';
import type { RunChange } from '../../store/store.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG } from '../arguments.ts';
import { type Command, EXIT, printOne } from '../command.ts';
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

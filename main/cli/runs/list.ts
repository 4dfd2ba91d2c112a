/** `fettle runs list`: the history of this computer; and what the commands about runs share: the open history, and runs in words. */
import type { Rivalry, RunFilter, RunRow } from '../../../common/api/contract.ts';
import { closest, defined, localTime } from '../../../common/values.ts';
import { rivalName, shortScore } from '../../../common/words/scores.ts';
import { purgeDue } from '../../app/bin.ts';
import { openHistory, settleKilled } from '../../app/history.ts';
import type { Store } from '../../store/store.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG } from '../arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../command.ts';
import { duration, loss, number, plural, printable } from '../words.ts';

const STATES = ['waiting', 'running', 'paused', 'done', 'stopped-early', 'stopped', 'failed', 'interrupted'];

/** What can be sorted by, and whether the first is the highest: the newest, the longest, the highest score, but the lowest loss. */
const SORTS: Readonly<Record<string, { readonly sort: RunFilter['sort']; readonly descending: boolean }>> = {
  created: { sort: 'created', descending: true },
  name: { sort: 'name', descending: false },
  model: { sort: 'model', descending: false },
  method: { sort: 'method', descending: false },
  score: { sort: 'score', descending: true },
  loss: { sort: 'bestLoss', descending: false },
  time: { sort: 'seconds', descending: true },
  state: { sort: 'state', descending: false },
};
const RIVALRIES: readonly Rivalry[] = ['better', 'no-better', 'unmeasured'];
const LIMIT = 50;
const CELL_CHARS = 24;

const FLAGS: readonly Flag[] = [
  {
    name: 'search',
    value: 'WORDS',
    about: 'runs with all these words in name, notes, tags, model, data or settings',
    group: 'Which',
    alsoCalled: ['query', 'find', 'grep', 'q', 'filter'],
  },
  {
    name: 'state',
    value: 'STATES',
    about: `only runs in one of these, separated by commas: ${STATES.join(', ')}`,
    group: 'Which',
    alsoCalled: ['states', 'status'],
  },
  {
    name: 'tag',
    value: 'TAG',
    about: 'only runs with this tag',
    group: 'Which',
    alsoCalled: ['tags', 'label'],
  },
  {
    name: 'rivals',
    value: RIVALRIES.join('|'),
    about: 'only runs that are better than every simpler way, no better than one, or not compared with any',
    group: 'Which',
    alsoCalled: ['rival', 'baseline', 'baselines', 'simpler'],
  },
  {
    name: 'sort',
    value: Object.keys(SORTS).join('|'),
    about: 'order: newest, longest, highest score, lowest loss, or alphabet',
    group: 'Order',
    fallback: 'created',
    alsoCalled: ['order', 'order-by', 'sort-by', 'by'],
  },
  {
    name: 'reverse',
    about: 'reverse the order',
    group: 'Order',
    alsoCalled: ['descending', 'ascending', 'desc', 'asc'],
  },
  {
    name: 'limit',
    value: 'N',
    about: 'runs to show, at most 1000',
    group: 'Order',
    fallback: String(LIMIT),
    alsoCalled: ['n', 'max', 'head', 'count'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'runs list [flags]',
  about:
    'Runs of `fettle train` and of the application, newest first. Other commands take the id at the start of a line, or its beginning.',
  examples: [
    'fettle runs list',
    'fettle runs list --search "smollm support" --sort loss',
    'fettle runs list --state paused,interrupted',
  ],
  flags: FLAGS,
  run: (args, streams) =>
    withHistory(streams, (store) => {
      const { total, rows } = store.runs.list(filterOf(args));
      printOne(args, streams, { total, runs: rows }, () => `${listText(rows, total, narrowed(args))}\n`);
      return EXIT.ok;
    }),
};

function listText(rows: readonly RunRow[], total: number, isNarrowed: boolean): string {
  if (rows.length === 0)
    return isNarrowed ? 'No run matches.' : 'No runs yet. `fettle train` makes one, `fettle demo` shows how.';
  const head = [
    'Id',
    'Name',
    'State',
    'Model',
    'Data',
    'Loss',
    'Verdict',
    'Score',
    'Simpler way',
    'Time',
    'Made',
  ];
  const lines = rows.map((row) => [
    row.id.slice(0, ID_CHARS),
    row.name,
    row.state,
    row.model,
    row.data,
    lossText(row.bestLoss),
    verdictText(row),
    row.score ? shortScore(row.score) : unmeasured(row),
    simplerText(row),
    timeText(row.seconds),
    dateText(row.created),
  ]);
  const rest = total - rows.length;
  return [
    ...columnsText([head, ...lines], 2 * CELL_CHARS),
    '',
    `${plural(total, 'run')}${rest > 0 ? `, ${number(rest)} of them not shown: narrow it down with --search, or raise --limit` : ''}`,
  ].join('\n');
}

/** What the flags ask for. Throws `AppError('bad-usage')`. */
export function filterOf({ values }: Arguments): RunFilter {
  const text = (name: string) => values.get(name) as string | undefined;
  const states = (text('state') ?? '')
    .split(',')
    .flatMap((state) => (state.trim() === '' ? [] : [state.trim()]));
  for (const state of states) oneOf('state', state, STATES);
  const rivals = text('rivals');
  const { sort, descending } = SORTS[oneOf('sort', text('sort') ?? 'created', Object.keys(SORTS))]!;
  const limit = Number(text('limit') ?? LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw badUsage(
      `--limit must be a whole number from 1 to 1000; got ${text('limit')}.`,
      'For example: --limit 100',
    );
  return {
    ...defined({ search: text('search'), tag: text('tag') }),
    ...(states.length > 0 && { states }),
    ...(rivals !== undefined && { rivals: oneOf('rivals', rivals, RIVALRIES) as Rivalry }),
    sort,
    descending: descending !== (values.get('reverse') === true),
    offset: 0,
    limit,
  };
}

function narrowed({ values }: Arguments): boolean {
  return ['search', 'state', 'tag', 'rivals'].some((name) => values.has(name));
}

function oneOf(flag: string, given: string, known: readonly string[]): string {
  if (known.includes(given)) return given;
  const meant = closest(given, known);
  throw badUsage(
    `--${flag} must be one of ${known.join(', ')}; got "${given}".`,
    meant ? `Did you mean ${meant}?` : 'For example: fettle runs list --sort loss',
  );
}

/** Characters of an id that are shown: enough to tell any two of some thousand runs apart. */
export const ID_CHARS = 8;

/** Does `work` with the history of this computer; repairs made on opening are told on stderr. */
export async function withHistory<T>({ err }: Streams, work: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await openHistory();
  try {
    if (store.notice !== null) err.write(`${store.notice}\n`);
    settleKilled(store);
    // what can't be deleted now goes the next time
    await purgeDue(store).catch(() => {});
    return await work(store);
  } finally {
    store.close();
  }
}

const LEARNED: Readonly<Record<string, string>> = {
  yes: 'learned',
  partly: 'learned partly',
  no: 'did not learn',
  unknown: 'learned: not known',
};
const FORGOT: Readonly<Record<string, string>> = {
  nothing: 'forgot nothing',
  little: 'forgot a little',
  much: 'forgot much',
  unknown: 'forgot: not known',
};

/** What was measured of a run, shortly; a dash where nothing was. */
export function verdictText({ learned, forgot }: Pick<RunRow, 'learned' | 'forgot'>): string {
  if (learned === null && forgot === null) return '-';
  return [learned && LEARNED[learned], forgot && FORGOT[forgot]].filter(Boolean).join(', ');
}

/** What nobody has measured: of a run without a verdict nothing was. */
const unmeasured = ({ learned }: RunRow) => (learned === null ? '-' : 'not measured');

/** What the best of the simpler ways gets. */
export function simplerText(run: RunRow): string {
  const { rival } = run;
  return rival ? `${shortScore(rival.score)}, ${rivalName(rival.name).toLowerCase()}` : unmeasured(run);
}

/** `2026-11-25 10:12`, in the time zone of this computer. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : localTime(date).slice(0, 16);
}

export const lossText = (value: number | null) => (value === null ? '-' : loss(value));
export const timeText = (seconds: number | null) => (seconds === null ? '-' : duration(seconds));

/** Rows in columns; what does not fit into `most` characters of a column is cut. */
export function columnsText(rows: readonly (readonly string[])[], most: number): string[] {
  const cells = rows.map((row) => row.map((cell) => shortened(printable(cell).replace(/\s+/g, ' '), most)));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}

function shortened(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}

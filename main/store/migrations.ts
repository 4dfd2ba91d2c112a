/** The steps from one version of the store to the next, in order; one that has been published is never changed. */
import { sql } from 'kysely';
import { build, type Connection } from './connection.ts';
import { searchText } from './run-list.ts';

export interface Migration {
  /** `0002-search`: its number is the version that the store has afterwards. */
  readonly name: string;
  /** Runs in a transaction; must depend only on what the migrations before it have made. */
  up(on: Connection): void;
}

const { schema } = build;
const ofRun = sql`runs(key) on delete cascade`;

const TABLES = [
  schema
    .createTable('datasets')
    .addColumn('key', 'integer', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('pathsJson', 'text', (c) => c.notNull().unique())
    .addColumn('hash', 'text')
    .addColumn('rows', 'integer')
    .addColumn('added', 'text', (c) => c.notNull()),
  schema
    .createTable('runs')
    // autoincrement: the key of a deleted run is never given to another one
    .addColumn('key', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('method', 'text', (c) => c.notNull())
    .addColumn('learned', 'text')
    .addColumn('forgot', 'text')
    .addColumn('bestLoss', 'real')
    .addColumn('seconds', 'real')
    .addColumn('created', 'text', (c) => c.notNull())
    .addColumn('tagsJson', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('started', 'text')
    .addColumn('ended', 'text')
    .addColumn('step', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('steps', 'integer')
    .addColumn('binned', 'integer')
    .addColumn('folder', 'text', (c) => c.notNull())
    .addColumn('modelId', 'text')
    .addColumn('dataset', 'integer', (c) => c.references('datasets.key'))
    .addColumn('repeats', 'text')
    .addColumn('dataHash', 'text')
    .addColumn('modelHash', 'text')
    .addColumn('executor', 'text')
    .addColumn('notes', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('verdictJson', 'text')
    .addColumn('problemJson', 'text')
    .addColumn('promptsJson', 'text', (c) => c.notNull())
    .addColumn('machineJson', 'text', (c) => c.notNull())
    .addColumn('versionsJson', 'text', (c) => c.notNull())
    .addColumn('startJson', 'text')
    .addColumn('doneJson', 'text')
    .addColumn('configJson', 'text', (c) => c.notNull()),
  schema
    .createTable('events')
    .addColumn('run', 'integer', (c) => c.notNull().modifyEnd(sql`references ${ofRun}`))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('eventJson', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('eventsKey', ['run', 'number'])
    .modifyEnd(sql`without rowid`),
  schema
    .createTable('metrics')
    .addColumn('run', 'integer', (c) => c.notNull().modifyEnd(sql`references ${ofRun}`))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('step', 'integer', (c) => c.notNull())
    .addColumn('steps', 'integer')
    .addColumn('epoch', 'real')
    .addColumn('loss', 'real')
    .addColumn('gradNorm', 'real')
    .addColumn('learningRate', 'real')
    .addColumn('tokens', 'integer')
    .addColumn('tokensPerSecond', 'real')
    .addColumn('stepMs', 'real')
    .addColumn('rssBytes', 'integer')
    .addColumn('secondsLeft', 'real')
    .addColumn('moreJson', 'text')
    .addPrimaryKeyConstraint('metricsKey', ['run', 'number'])
    .modifyEnd(sql`without rowid`),
  schema
    .createTable('samples')
    .addColumn('run', 'integer', (c) => c.notNull().modifyEnd(sql`references ${ofRun}`))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('step', 'integer', (c) => c.notNull())
    .addColumn('prompt', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('samplesKey', ['run', 'number'])
    .modifyEnd(sql`without rowid`),
  schema
    .createTable('assessments')
    .addColumn('run', 'integer', (c) => c.primaryKey().modifyEnd(sql`references ${ofRun}`))
    .addColumn('resultJson', 'text', (c) => c.notNull()),
  schema
    .createTable('exports')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('run', 'integer', (c) => c.notNull().modifyEnd(sql`references ${ofRun}`))
    .addColumn('created', 'text', (c) => c.notNull())
    .addColumn('out', 'text', (c) => c.notNull())
    .addColumn('resultJson', 'text', (c) => c.notNull()),
  schema
    .createTable('models')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('family', 'text', (c) => c.notNull())
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('parameters', 'integer', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addColumn('licence', 'text')
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('repo', 'text')
    .addColumn('revision', 'text')
    .addColumn('hasChatTemplate', 'integer', (c) => c.notNull())
    .addColumn('added', 'text', (c) => c.notNull()),
  schema
    .createTable('hardwareReports')
    .addColumn('key', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('made', 'text', (c) => c.notNull())
    .addColumn('reportJson', 'text', (c) => c.notNull()),
  schema
    .createTable('drafts')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('updated', 'text', (c) => c.notNull())
    .addColumn('contentJson', 'text', (c) => c.notNull()),
  ...(['settings', 'kept', 'about'] as const).map((name) =>
    schema
      .createTable(name)
      .addColumn('name', 'text', (c) => c.primaryKey().notNull())
      .addColumn('valueJson', 'text', (c) => c.notNull()),
  ),
];

/** One for each way to sort the history, both directions; figures that are missing come last in either. */
const SORTS: readonly (readonly [name: string, columns: string])[] = [
  ['runsByCreated', 'created, key'],
  ['runsByName', 'name collate nocase, key'],
  ['runsByModel', 'model collate nocase, key'],
  ['runsByMethod', 'method, key'],
  ['runsByState', 'state, key'],
  ['runsByBestLoss', 'bestLoss is null, bestLoss, key'],
  ['runsByBestLossDown', 'bestLoss is null, bestLoss desc, key desc'],
  ['runsBySeconds', 'seconds is null, seconds, key'],
  ['runsBySecondsDown', 'seconds is null, seconds desc, key desc'],
];

const INDICES = [
  ...SORTS.map(([name, columns]) => `create index ${name} on runs(${columns}) where binned is null`),
  'create index runsByFolder on runs(folder)',
  'create index runsByDataset on runs(dataset)',
  'create index runsInBin on runs(binned) where binned is not null',
  'create index exportsByRun on exports(run)',
  'create index modelsByPath on models(path)',
  'create index draftsByUpdated on drafts(updated)',
];

const tables: Migration = {
  name: '0001-tables',
  up(on) {
    for (const table of TABLES) on.run(table);
    for (const index of INDICES) on.exec(index);
  },
};

interface OldRun {
  readonly key: number;
  readonly name: string;
  readonly notes: string;
  readonly model: string;
  readonly data: string;
  readonly tagsJson: string;
  readonly configJson: string;
}

const search: Migration = {
  name: '0002-search',
  up(on) {
    // no content of its own: the texts are in the table of runs, and here only the words
    on.exec(
      'create virtual table runSearch using fts5(name, notes, model, data, tags, config, ' +
        `content='', contentless_delete=1, prefix='1 2 3', tokenize="unicode61 remove_diacritics 2")`,
    );
    on.exec(
      'create trigger runSearchDeleted after delete on runs begin delete from runSearch where rowid = old.key; end',
    );
    const insert =
      'insert into runSearch(rowid, name, notes, model, data, tags, config) values (?, ?, ?, ?, ?, ?, ?)';
    for (const row of on.read('select key, name, notes, model, data, tagsJson, configJson from runs')) {
      const { key, name, notes, model, data, tagsJson, configJson } = row as OldRun;
      const tags = searchText(JSON.parse(tagsJson));
      on.write(insert, [key, name, notes, model, data, tags, searchText(JSON.parse(configJson))]);
    }
  },
};

/** All of them. */
export const MIGRATIONS: readonly Migration[] = [tables, search];

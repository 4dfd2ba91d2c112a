/**
 * The steps from one version of the store to the next, in order; one that has been published is never
 * changed.
 */
import { apart, hasUnspaced } from '../../common/words/unspaced.ts';
import type { Connection } from './connection.ts';
import { searchText } from './run-list.ts';

export interface Migration {
  /** `0002-search`: its number is the version that the store has afterwards. */
  readonly name: string;
  /** Runs in a transaction; must depend only on what the migrations before it have made. */
  up(on: Connection): void;
}

const OF_RUN = 'run integer not null references runs(key) on delete cascade';

const TABLES = [
  `create table datasets(
    key integer primary key, name text not null, pathsJson text not null unique, hash text, rows integer,
    added text not null
  )`,
  // autoincrement: the key of a deleted run is never given to another one
  `create table runs(
    key integer primary key autoincrement, id text not null unique, name text not null, state text not null,
    model text not null, data text not null, method text not null, learned text, forgot text, bestLoss real,
    seconds real, created text not null, tagsJson text default '[]' not null, started text, ended text,
    step integer default 0 not null, steps integer, binned integer, folder text not null, modelId text,
    dataset integer references datasets(key), repeats text, dataHash text, modelHash text, executor text,
    notes text default '' not null, verdictJson text, problemJson text, promptsJson text not null,
    machineJson text not null, versionsJson text not null, startJson text, doneJson text,
    configJson text not null
  )`,
  `create table events(
    ${OF_RUN}, number integer not null, at integer not null, kind text not null, eventJson text not null,
    primary key (run, number)
  ) without rowid`,
  `create table metrics(
    ${OF_RUN}, number integer not null, at integer not null, step integer not null, steps integer, epoch real,
    loss real, gradNorm real, learningRate real, tokens integer, tokensPerSecond real, stepMs real,
    rssBytes integer, secondsLeft real, moreJson text, primary key (run, number)
  ) without rowid`,
  `create table samples(
    ${OF_RUN}, number integer not null, at integer not null, step integer not null, prompt text not null,
    text text not null, primary key (run, number)
  ) without rowid`,
  `create table assessments(
    run integer primary key references runs(key) on delete cascade, resultJson text not null
  )`,
  `create table exports(
    id text not null primary key, ${OF_RUN}, created text not null, out text not null,
    resultJson text not null
  )`,
  `create table models(
    id text not null primary key, name text not null, family text not null, format text not null,
    path text not null, parameters integer not null, bytes integer not null, licence text,
    source text not null, repo text, revision text, hasChatTemplate integer not null, added text not null
  )`,
  `create table hardwareReports(
    key integer primary key autoincrement, made text not null, reportJson text not null
  )`,
  'create table drafts(id text not null primary key, updated text not null, contentJson text not null)',
  ...['settings', 'kept', 'about'].map(
    (name) => `create table ${name}(name text not null primary key, valueJson text not null)`,
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
    for (const sql of [...TABLES, ...INDICES]) on.exec(sql);
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

const conversations: Migration = {
  name: '0003-conversations',
  up(on) {
    on.exec(
      'create table conversations(id text not null primary key, name text not null, updated text not null, contentJson text not null)',
    );
    on.exec('create index conversationsByUpdated on conversations(updated)');
  },
};

const skills: Migration = {
  name: '0004-skills',
  up(on) {
    on.exec('alter table models add column skillsJson text');
  },
};

/** Of assessments that are here already, the score and the best of the simpler ways beside it. */
const SCORES_OF_OLD = `update runs set
  score = (
    select coalesce(
      iif(resultJson ->> '$.verdict.score.name' = 'perplexity', null, resultJson ->> '$.verdict.score.value'),
      resultJson ->> '$.verdict.accuracy.value'
    ) from found where run = runs.key
  ),
  rivalJson = (
    select rival.value
    from found, json_each(coalesce(resultJson -> '$.rivals', resultJson -> '$.closed.rivals', '[]')) as rival
    where run = runs.key order by rival.value ->> '$.lead.value' limit 1
  )`;

const scores: Migration = {
  name: '0005-scores',
  up(on) {
    on.exec('alter table runs add column score real');
    on.exec('alter table runs add column rivalJson text');
    on.exec(
      `with found as (select run, iif(json_valid(resultJson), resultJson, '{}') as resultJson from assessments) ${SCORES_OF_OLD}`,
    );
    on.exec('create index runsByScore on runs(score is null, score, key) where binned is null');
    on.exec('create index runsByScoreDown on runs(score is null, score desc, key desc) where binned is null');
  },
};

const readers: Migration = {
  name: '0006-readers',
  up(on) {
    on.exec('alter table models add column reads integer default 0 not null');
  },
};

/** Scripts without spaces are found by parts of what was one word: their signs are words now. */
const signs: Migration = {
  name: '0007-signs',
  up(on) {
    const insert =
      'insert into runSearch(rowid, name, notes, model, data, tags, config) values (?, ?, ?, ?, ?, ?, ?)';
    for (const row of on.read('select key, name, notes, model, data, tagsJson, configJson from runs')) {
      const { key, name, notes, model, data, tagsJson, configJson } = row as OldRun;
      const words = [
        name,
        notes,
        model,
        data,
        ...[tagsJson, configJson].map((json) => searchText(JSON.parse(json))),
      ];
      if (!words.some(hasUnspaced)) continue;
      on.write('delete from runSearch where rowid = ?', [key]);
      on.write(insert, [key, ...words.map(apart)]);
    }
  },
};

export const MIGRATIONS: readonly Migration[] = [
  tables,
  search,
  conversations,
  skills,
  scores,
  readers,
  signs,
];

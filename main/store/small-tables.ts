/**
 * The tables that need a few lines each: settings and other values by name, drafts, reports of the hardware,
 * models, assessments, exports.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Selectable } from 'kysely';
import type {
  ComputerFacts,
  DraftContent,
  ExportRow,
  LocalModel,
  Settings,
} from '../../common/api/contract.ts';
import type { Score } from '../../common/protocol/protocol.ts';
import { DEFAULT_SETTINGS } from '../../common/settings/app.ts';
import { withoutFormerDevice } from '../../common/settings/computing.ts';
import { type Base, runKey } from './base.ts';
import { build } from './connection.ts';
import { assessmentOf } from './older-assessments.ts';
import type { Store } from './store.ts';
import type { Bit, ModelsTable } from './tables.ts';

type ValueTable = 'settings' | 'kept';

function readValue<T>(base: Base, table: ValueTable, name: string): T | null {
  const row = base.on.first(build.selectFrom(table).select('valueJson').where('name', '=', name));
  return row ? base.parse<T>(row.valueJson) : null;
}

/** Null and undefined take the value away. */
function writeValue(base: Base, table: ValueTable, name: string, value: unknown): void {
  if (value === null || value === undefined) {
    base.on.run(build.deleteFrom(table).where('name', '=', name));
    return;
  }
  base.on.run(build.replaceInto(table).values({ name, valueJson: base.json(value) }));
}

export function openKept(base: Base): Store['kept'] {
  return {
    get: (key) => readValue(base, 'kept', key),
    set: (key, value) => writeValue(base, 'kept', key, value),
  };
}

export function openSettings(base: Base): Store['settings'] {
  return {
    get: () => currentSettings(base),
    set(change) {
      // null is the default of every setting that may be null, and taking the value away says the same
      base.on.transaction(() => {
        for (const [name, value] of Object.entries(change))
          if (value !== undefined) writeValue(base, 'settings', name, value);
      });
      return currentSettings(base);
    },
  };
}

/** Names that this Fettle does not know, from a newer one, stay in the table and are not shown. */
function currentSettings(base: Base): Settings {
  const rows = base.on.all(build.selectFrom('settings').selectAll());
  const known = rows.filter(({ name }) => Object.hasOwn(DEFAULT_SETTINGS, name));
  const given = Object.fromEntries(known.map(({ name, valueJson }) => [name, base.parse(valueJson)]));
  return { ...DEFAULT_SETTINGS, ...given };
}

/** A draft as of today, whatever version has saved it. */
function draftOf(content: DraftContent): DraftContent {
  const { settings } = content;
  return settings ? { ...content, settings: withoutFormerDevice(settings) } : content;
}

export function openDrafts(base: Base): Store['drafts'] {
  return {
    list: () =>
      base.on
        .all(build.selectFrom('drafts').selectAll().orderBy('updated', 'desc').orderBy('id'))
        .map(({ id, updated, contentJson }) => ({ id, updated, content: draftOf(base.parse(contentJson)) })),
    save(given, content) {
      const id = given ?? randomBytes(6).toString('hex');
      const updated = new Date().toISOString();
      const values = { id, updated, contentJson: base.json(content) };
      base.on.run(build.replaceInto('drafts').values(values));
      return { id, updated, content };
    },
    discard: (id) => void base.on.run(build.deleteFrom('drafts').where('id', '=', id)),
  };
}

export function openConversations(base: Base): Store['conversations'] {
  const all = build.selectFrom('conversations');
  return {
    list: () => base.on.all(all.select(['id', 'name', 'updated']).orderBy('updated', 'desc').orderBy('id')),
    find(id) {
      const row = base.on.first(all.selectAll().where('id', '=', id));
      return row ? { id, name: row.name, updated: row.updated, content: base.parse(row.contentJson) } : null;
    },
    save(given, content) {
      const id = given ?? randomBytes(6).toString('hex');
      const updated = new Date().toISOString();
      const values = { id, name: content.name, updated, contentJson: base.json(content) };
      base.on.run(build.replaceInto('conversations').values(values));
      return { id, name: content.name, updated };
    },
    remove: (id) => void base.on.run(build.deleteFrom('conversations').where('id', '=', id)),
  };
}

const KEPT_REPORTS = 50;

export function openHardware(base: Base): Store['hardware'] {
  const newest = build.selectFrom('hardwareReports').orderBy('key', 'desc');
  const nth = (n: number): ComputerFacts | null => {
    const row = base.on.first(newest.select('reportJson').limit(1).offset(n));
    return row ? base.parse(row.reportJson) : null;
  };
  return {
    add(report) {
      const values = { made: new Date().toISOString(), reportJson: base.json(report) };
      base.on.transaction(() => {
        const { key } = base.on.run(build.insertInto('hardwareReports').values(values));
        base.on.run(build.deleteFrom('hardwareReports').where('key', '<=', key - KEPT_REPORTS));
      });
    },
    latest: () => nth(0),
    previous: () => nth(1),
  };
}

export function openModels(base: Base): Store['models'] {
  const all = build.selectFrom('models').selectAll();
  const modelOf = (row: Selectable<ModelsTable> | undefined) => (row ? modelIn(base, row) : null);
  const newestFirst = all.orderBy('added', 'desc').orderBy('id');
  const listed = (reads: Bit) =>
    base.on.all(newestFirst.where('reads', '=', reads)).map((row) => modelIn(base, row));
  return {
    list: () => listed(0),
    readers: () => listed(1),
    find: (id) => modelOf(base.on.first(all.where('id', '=', id))),
    byPath: (file) => modelOf(base.on.first(all.where('path', '=', base.kept(file)))),
    save({ available: _, hasChatTemplate, skills, reads, path, ...rest }) {
      const values = {
        ...rest,
        path: base.kept(path),
        hasChatTemplate: hasChatTemplate ? 1 : 0,
        skillsJson: skills === undefined ? null : base.json(skills),
        reads: reads ? 1 : 0,
      } as const;
      base.on.run(build.replaceInto('models').values(values));
    },
    remove: (id) => void base.on.run(build.deleteFrom('models').where('id', '=', id)),
  };
}

function modelIn(
  base: Base,
  { path: kept, hasChatTemplate, skillsJson, reads, ...row }: Selectable<ModelsTable>,
): LocalModel {
  const path = base.found(kept);
  return {
    ...row,
    path,
    format: row.format as LocalModel['format'],
    source: row.source as LocalModel['source'],
    hasChatTemplate: hasChatTemplate === 1,
    ...(reads === 1 && { reads: true as const }),
    ...(skillsJson !== null && { skills: base.parse<LocalModel['skills'] & object>(skillsJson) }),
    available: existsSync(path),
  };
}

/** A score as the history sorts by it, the highest for the best; perplexities stand with what is not measured. */
function sortedBy(score: Score | null | undefined): number | null {
  return score && score.name !== 'perplexity' ? score.value : null;
}

export function openAssessments(base: Base): Store['assessments'] {
  return {
    set(runId, result) {
      const { on } = base;
      const { verdict } = result;
      on.transaction(() => {
        const run = runKey(base, runId);
        on.run(build.replaceInto('assessments').values({ run, resultJson: base.json(result) }));
        const { learned, forgot } = verdict;
        const { verdict: read, rivals = [] } = assessmentOf(result);
        // earlier assessments named none of the simpler ways as the best
        const rival = read.rival ?? rivals.toSorted((a, b) => a.lead.value - b.lead.value)[0];
        const shown = {
          learned,
          forgot,
          score: sortedBy(read.score),
          verdictJson: base.json(verdict),
          rivalJson: base.jsonOrNull(rival),
        };
        on.run(build.updateTable('runs').set(shown).where('key', '=', run));
      });
    },
    get(runId) {
      const run = runKey(base, runId);
      const row = base.on.first(build.selectFrom('assessments').select('resultJson').where('run', '=', run));
      return row ? assessmentOf(base.parse(row.resultJson)) : null;
    },
  };
}

export function openExports(base: Base): Store['exports'] {
  return {
    add(runId, { id, created, result }) {
      const run = runKey(base, runId);
      const out = base.kept(result.out);
      const values = { id, run, created, out, resultJson: base.json(result) };
      base.on.run(build.replaceInto('exports').values(values));
    },
    list: (runId) => listExports(base, runKey(base, runId)),
  };
}

/** The exports of the run with that key, oldest first. */
export function listExports(base: Base, run: number): ExportRow[] {
  const query = build
    .selectFrom('exports')
    .selectAll()
    .where('run', '=', run)
    .orderBy('created')
    .orderBy('id');
  return base.on.all(query).map(({ id, created, out, resultJson }) => ({
    id,
    created,
    result: base.parse(resultJson),
    available: existsSync(base.found(out)),
  }));
}

import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { RunFilter } from '../../../common/api/runs.ts';
import { Connection } from '../../../main/store/connection.ts';
import { orderedRuns } from '../../../main/store/run-list.ts';
import type { Store } from '../../../main/store/store.ts';
import { START } from '../cli/sample-events.ts';
import { ALL, closed, configOf, makeRun, newFolder, numbered, opened, step } from './made-up.ts';

describe('a run', () => {
  it('keeps everything that is needed to repeat it', async () => {
    const folder = newFolder();
    const store = await opened(folder);
    const config = configOf('/elsewhere/one', { lora: { rank: 4 } });
    const made = makeRun(store, 'one', {
      folder: '/elsewhere/one',
      config,
      prompts: ['Hi'],
      modelId: 'm1',
      from: 'r0',
    });
    expect(made).toMatchObject({
      name: 'one',
      state: 'running',
      method: 'lora',
      tags: [],
      notes: '',
      step: 0,
      bytes: 0,
    });
    const done = { event: 'done', steps: 9, out: '/elsewhere/one' } as never;
    const problem = { code: 'x', message: 'm', hint: 'h' };
    store.runs.update(made.id, {
      start: { ...START, dataHash: 'sha' },
      problem,
      tags: ['b', 'a', 'b'],
      bestLoss: 1.25,
    });
    const changed = store.runs.update(made.id, {
      done,
      state: 'done',
      seconds: 5,
      notes: 'n',
      problem: null,
    });
    closed(store);
    const again = (await opened(folder)).runs.get(made.id);
    expect(again).toEqual(changed);
    expect(again).toMatchObject({
      config,
      prompts: ['Hi'],
      modelId: 'm1',
      from: 'r0',
      machine: { processor: 'abacus' },
      versions: { fettle: '0.1.0' },
      start: { dataHash: 'sha' },
      done,
      problem: null,
      tags: ['b', 'a'],
      bestLoss: 1.25,
      state: 'done',
      seconds: 5,
      steps: 300,
      executor: 'ort',
      dataHash: 'sha',
      notes: 'n',
    });
  });

  it('shows the checkpoints and the bytes that are on the disk', async () => {
    const store = await opened(newFolder());
    const run = makeRun(store, 'one');
    const within = path.join(run.folder, 'checkpoints');
    fs.mkdirSync(within, { recursive: true });
    for (const name of [
      'step-00000010.safetensors',
      'step-00000009.safetensors',
      'best-00000009.safetensors',
      'step-x',
    ])
      fs.writeFileSync(path.join(within, name), 'x'.repeat(name.length));
    const { checkpoints, bytes } = store.runs.get(run.id);
    expect(checkpoints).toEqual(
      [9, 10].map((at) => {
        const name = `step-${String(at).padStart(8, '0')}.safetensors`;
        return { step: at, path: path.join(within, name), bytes: name.length };
      }),
    );
    expect(bytes).toBe(25 * 3 + 6);
  });

  it('is found by its folder: the newest that is not in the bin', async () => {
    const store = await opened(newFolder());
    const [one, two] = [makeRun(store, 'one', { folder: '/x/y' }), makeRun(store, 'two', { folder: '/x/y' })];
    expect(store.runs.byFolder('/x/../x/y/')?.id).toBe(two.id);
    store.runs.bin([two.id]);
    expect(store.runs.byFolder('/x/y')?.id).toBe(one.id);
    store.runs.bin([one.id]);
    expect(store.runs.byFolder('/x/y')).not.toBe(null);
    expect(store.runs.byFolder('/x')).toBe(null);
  });

  it('that is not there is an error with advice, in every call', async () => {
    const store = await opened(newFolder());
    const noRun = expect.objectContaining({ code: 'no-run' });
    expect(store.runs.find('nope')).toBe(null);
    expect(() => store.runs.get('nope')).toThrow(noRun);
    expect(() => store.runs.update('nope', {})).toThrow(noRun);
    expect(() => store.runs.update('nope', { name: 'x' })).toThrow(noRun);
    expect(() => store.runs.bin(['nope'])).toThrow(noRun);
    expect(() => store.events.add('nope', numbered([step(1)]))).toThrow(noRun);
    expect(() => store.events.read('nope')).toThrow(noRun);
    expect(() => store.events.curves('nope', 10)).toThrow(noRun);
    expect(() => store.assessments.get('nope')).toThrow(noRun);
    expect(() => store.exports.list('nope')).toThrow(noRun);
    await expect(store.runs.purge(['nope'])).rejects.toMatchObject({ code: 'no-run' });
  });
});

const known = (value: number) => ({ name: 'known', rows: 112, value, low: value - 0.08, high: value + 0.06 });
const counter = (value: number, lead: number) => ({
  ...{ name: 'counter', score: known(value), seconds: 1 },
  lead: { value: lead, low: lead - 0.05, high: lead + 0.05 },
});
function judge(store: Store, id: string, verdict: object, figures: object = {}): void {
  const result = { verdict: { learned: 'yes', forgot: 'nothing', ...verdict }, ...figures };
  store.assessments.set(id, result as never);
}

describe('the list', () => {
  async function five() {
    const store = await opened(newFolder());
    const make = (name: string, state: 'done' | 'failed', model: string, bestLoss: number | null) => {
      const { id } = makeRun(store, name, { state, model, created: `2026-01-0${name.length}T00:00:00Z` });
      store.runs.update(id, { bestLoss, seconds: bestLoss === null ? undefined! : 10 * bestLoss });
      return id;
    };
    const best = make('b', 'done', 'Qwen', 2);
    make('Aa', 'failed', 'llama', null);
    const second = make('ccc', 'done', 'Llama', 1);
    make('dddd', 'done', 'Qwen', 3);
    make('eeeee', 'failed', 'gpt2', null);
    judge(store, best, { score: known(0.84), rival: counter(0.7, 0.14) });
    judge(store, second, { score: known(0.71), rival: counter(0.7, 0.01) });
    return store;
  }

  it.each([
    ['created', 'b Aa ccc dddd eeeee', 'eeeee dddd ccc Aa b'],
    ['name', 'Aa b ccc dddd eeeee', 'eeeee dddd ccc b Aa'],
    ['model', 'eeeee Aa ccc b dddd', 'dddd b ccc Aa eeeee'],
    ['method', 'b Aa ccc dddd eeeee', 'eeeee dddd ccc Aa b'],
    ['state', 'b ccc dddd Aa eeeee', 'eeeee Aa dddd ccc b'],
    ['bestLoss', 'ccc b dddd Aa eeeee', 'dddd b ccc eeeee Aa'],
    ['seconds', 'ccc b dddd Aa eeeee', 'dddd b ccc eeeee Aa'],
    ['score', 'ccc b Aa dddd eeeee', 'b ccc eeeee dddd Aa'],
  ] as const)('is sorted by %s both ways, what is missing last, by an index', async (sort, up, down) => {
    const store = await five();
    const names = (descending: boolean) =>
      store.runs
        .list({ ...ALL, sort, descending })
        .rows.map(({ name }) => name)
        .join(' ');
    expect([names(false), names(true)]).toEqual([up, down]);
    const on = new Connection(path.join(store.folder, 'fettle.sqlite'));
    for (const descending of [false, true]) {
      const { sql, parameters } = orderedRuns({ ...ALL, sort, descending })
        .limit(50)
        .compile();
      const plan = JSON.stringify(on.read(`explain query plan ${sql}`, parameters));
      expect(plan).toMatch(/USING INDEX runsBy/);
      expect(plan).not.toContain('TEMP B-TREE');
    }
    on.close();
  });

  it('is filtered and given page by page, with the number of all', async () => {
    const store = await five();
    const [tagged] = store.runs.list({ ...ALL, search: 'ccc' }).rows;
    store.runs.update(tagged!.id, { tags: ['it\'s "good"'] });
    const names = (filter: Partial<RunFilter>) => {
      const { total, rows } = store.runs.list({ ...ALL, ...filter });
      return [total, ...rows.map(({ name }) => name)];
    };
    expect(names({ states: ['failed', 'paused'] })).toEqual([2, 'eeeee', 'Aa']);
    expect(names({ states: [] })).toHaveLength(6);
    expect(names({ model: 'Qwen' })).toEqual([2, 'dddd', 'b']);
    expect(names({ method: 'full' })).toEqual([0]);
    expect(names({ tag: 'it\'s "good"' })).toEqual([1, 'ccc']);
    expect(names({ learned: 'yes' })).toEqual([2, 'ccc', 'b']);
    expect(names({ learned: 'no' })).toEqual([0]);
    expect(names({ rivals: 'better' })).toEqual([1, 'b']);
    expect(names({ rivals: 'no-better' })).toEqual([1, 'ccc']);
    expect(names({ rivals: 'unmeasured' })).toEqual([3, 'eeeee', 'dddd', 'Aa']);
    expect(names({ offset: 1, limit: 2 })).toEqual([5, 'dddd', 'ccc']);
    expect(names({ offset: 99 })).toEqual([5]);
    expect(store.runs.list(RunFilter.parse({})).rows).toHaveLength(5);
  });

  it('has the score of its verdict, that of an older one by its old name, and none where there was none', async () => {
    const store = await opened(newFolder());
    const [first, second, third] = ['a', 'b', 'c'].map((name) => makeRun(store, name));
    const score = { name: 'fields', rows: 112, value: 0.84, low: 0.76, high: 0.9 } as const;
    const accuracy = { key: null, rows: 112, value: 0.84, low: 0.76, high: 0.9 };
    const assess = (id: string, verdict: object) =>
      store.assessments.set(id, { verdict: { learned: 'yes', forgot: 'nothing', ...verdict } } as never);
    const lead = { value: -0.1, low: -0.2, high: 0 };
    assess(first!.id, { score, betterRival: null });
    assess(second!.id, {});
    assess(third!.id, { accuracy, betterRival: { name: 'counter', accuracy, lead, seconds: 1 } });
    const figures = store.runs
      .list({ ...ALL, learned: 'yes' })
      .rows.map(({ id, score: one, betterRival }) => [id, one, betterRival]);
    const { key: _, ...figure } = accuracy;
    const older = { name: 'right', ...figure };
    expect(new Map(figures.map(([id, ...rest]) => [id, rest]))).toEqual(
      new Map([
        [first!.id, [score, null]],
        [second!.id, [null, null]],
        [third!.id, [older, { name: 'counter', score: older, lead, seconds: 1 }]],
      ]),
    );
    expect(store.runs.get(first!.id)).toMatchObject({ score, betterRival: null });
    const counter = { name: 'counter', lead, seconds: 1 } as const;
    const closed = { answers: 4, rivals: [{ ...counter, accuracy }] };
    const verdict = { learned: 'yes', forgot: 'nothing', accuracy };
    store.assessments.set(third!.id, { verdict, closed } as never);
    expect(store.assessments.get(third!.id)).toEqual({
      ...{ verdict: { learned: 'yes', forgot: 'nothing', score: older } },
      ...{ closed: { answers: 4 }, rivals: [{ ...counter, score: older }] },
    });
    expect(store.runs.get(third!.id)).toMatchObject({ score: older, verdict: { score: older } });
  });

  it('has the best of the simpler ways beside its score, that of an older assessment, and none of none', async () => {
    const store = await opened(newFolder());
    const [first, second, third] = ['a', 'b', 'c'].map((name) => makeRun(store, name).id);
    judge(store, first!, { score: known(0.84), rival: counter(0.7, 0.14) });
    judge(store, second!, {});
    judge(store, third!, {}, { rivals: [counter(0.6, 0.24), counter(0.8, 0.04)] });
    const found = store.runs.list(ALL).rows.map(({ id, rival }) => [id, rival]);
    expect(Object.fromEntries(found)).toEqual({
      [first!]: counter(0.7, 0.14),
      [second!]: null,
      [third!]: counter(0.8, 0.04),
    });
    expect(store.runs.get(first!)).toMatchObject({ rival: counter(0.7, 0.14) });
  });
});

describe('deleting', () => {
  function fill(folder: string): number {
    fs.mkdirSync(path.join(folder, 'adapter'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'run.json'), 'x'.repeat(100));
    fs.writeFileSync(path.join(folder, 'adapter', 'weights'), 'x'.repeat(1000));
    return 1100;
  }

  it('puts runs into the bin and takes them out as they were', async () => {
    const store = await opened(newFolder());
    const run = makeRun(store, 'one');
    store.runs.bin([run.id]);
    expect(store.runs.list(ALL).total).toBe(0);
    expect(store.runs.list({ ...ALL, search: 'one' }).total).toBe(0);
    const [inBin] = store.runs.binned();
    expect(inBin).toMatchObject({ id: run.id, name: 'one', binned: store.runs.get(run.id).binned });
    expect(Date.parse(inBin!.binned)).toBeLessThanOrEqual(Date.now());
    store.runs.restore([run.id]);
    expect(store.runs.binned()).toEqual([]);
    expect(store.runs.list(ALL).rows).toHaveLength(1);
    expect(store.runs.get(run.id)).toEqual(run);
  });

  it('keeps since when a run is in the bin where it is put there again, and lists the latest first', async () => {
    const store = await opened(newFolder());
    const [one, two] = [makeRun(store, 'one'), makeRun(store, 'two')];
    const now = vi.spyOn(Date, 'now').mockReturnValue(1000);
    store.runs.bin([one.id]);
    now.mockReturnValue(2000);
    store.runs.bin([one.id, two.id]);
    now.mockRestore();
    const list = store.runs.binned().map(({ name, binned }) => [name, Date.parse(binned)]);
    expect(list).toEqual([
      ['two', 2000],
      ['one', 1000],
    ]);
  });

  it('bins all of several runs or none', async () => {
    const store = await opened(newFolder());
    const run = makeRun(store, 'one');
    expect(() => store.runs.bin([run.id, 'nope'])).toThrow();
    expect(store.runs.list(ALL).total).toBe(1);
  });

  it('says what it frees and frees that, on the disk and in every table', async () => {
    const store = await opened(newFolder());
    const [one, two] = [makeRun(store, 'one'), makeRun(store, 'two')];
    const bytes = fill(one.folder);
    fill(two.folder);
    for (const { id } of [one, two])
      store.events.add(
        id,
        numbered([step(1), { event: 'sample', step: 1, prompt: 'p', text: 't' } as never, START]),
      );
    expect(await store.runs.weigh([one.id])).toEqual({ bytes, files: 2 });
    expect(await store.runs.purge([one.id])).toBe(bytes);
    expect(fs.readdirSync(path.join(store.folder, 'runs'))).toEqual(['two']);
    expect(store.runs.find(one.id)).toBe(null);
    expect(store.events.read(two.id)).toHaveLength(3);
    const on = new Connection(path.join(store.folder, 'fettle.sqlite'));
    const left = ['events', 'metrics', 'samples'].map((table) => on.read(`select run from ${table}`).length);
    on.close();
    expect(left).toEqual([1, 1, 1]);
  });

  it('leaves a folder that the person chose, one that another run is in, and everything above', async () => {
    const store = await opened(newFolder());
    const elsewhere = path.join(newFolder(), 'mine');
    fill(elsewhere);
    const own = makeRun(store, 'own', { folder: elsewhere });
    const runs = makeRun(store, 'runs', { folder: path.join(store.folder, 'runs') });
    const shared = path.join(store.folder, 'runs', 'shared');
    const [first, second] = [
      makeRun(store, 'a', { folder: shared }),
      makeRun(store, 'b', { folder: shared }),
    ];
    const inner = makeRun(store, 'inner', { folder: path.join(shared, 'inner') });
    const bytes = fill(shared);
    const outside = makeRun(store, 'dots', { folder: path.join(store.folder, 'runs', '..', 'models') });
    fill(path.join(store.folder, 'models'));
    const ids = [own.id, runs.id, first.id, outside.id];
    expect(await store.runs.weigh(ids)).toEqual({ bytes: 0, files: 0 });
    expect(await store.runs.purge(ids)).toBe(0);
    expect(
      [elsewhere, shared, path.join(store.folder, 'models')].map((folder) => fs.existsSync(folder)),
    ).toEqual([true, true, true]);
    expect(await store.runs.weigh([second.id, inner.id])).toEqual({ bytes, files: 2 });
    expect(await store.runs.purge([second.id, inner.id])).toBe(bytes);
    expect(fs.existsSync(shared)).toBe(false);
  });

  it('finishes what a process that died was deleting', async () => {
    const folder = newFolder();
    closed(await opened(folder));
    fill(path.join(folder, 'runs', '.deleted-one-123-456'));
    await opened(folder);
    expect(fs.readdirSync(path.join(folder, 'runs'))).toEqual([]);
  });
});

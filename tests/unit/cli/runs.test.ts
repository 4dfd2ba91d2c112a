import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { differences, openHistory } from '../../../main/app/history.ts';
import { runCommand } from '../../../main/cli/cli.ts';
import type { Store } from '../../../main/store/store.ts';
import { assessment, configOf, makeRun, newFolder, numbered, step } from '../store/made-up.ts';
import { DONE, START } from './sample-events.ts';

const homeBefore = process.env.FETTLE_HOME;
beforeEach(() => {
  process.env.FETTLE_HOME = newFolder();
});
afterEach(() => {
  process.env.FETTLE_HOME = homeBefore;
});

async function fettle(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const shown = { out: '', err: '' };
  const code = await runCommand(['runs', ...argv], {
    out: { write: (text: string) => (shown.out += text) },
    err: { write: (text: string) => (shown.err += text) },
  });
  return { code, ...shown };
}

async function json(...argv: string[]) {
  const { code, out } = await fettle(...argv, '--json');
  expect([code, out.trimEnd().split('\n').length]).toEqual([0, 1]);
  return JSON.parse(out);
}

async function history<T>(work: (store: Store) => T): Promise<T> {
  const store = await openHistory();
  try {
    return work(store);
  } finally {
    store.close();
  }
}

/** Two finished runs and one that failed; ids in that order. */
function three(): Promise<[string, string, string]> {
  return history((store) => {
    const make = (name: string, state: 'done' | 'failed', rank: number, bestLoss: number | null) => {
      const config = configOf(path.join(store.folder, 'runs', name), { lora: { rank } });
      const run = makeRun(store, name, { state, config });
      store.runs.update(run.id, {
        bestLoss,
        seconds: 60 * rank,
        ...(state === 'done' && { done: DONE, start: START }),
      });
      fs.mkdirSync(run.folder, { recursive: true });
      fs.writeFileSync(path.join(run.folder, 'run.json'), 'x'.repeat(2000));
      return run.id;
    };
    const ids = [
      make('first', 'done', 8, 1.5),
      make('second', 'done', 16, 1.25),
      make('third', 'failed', 4, null),
    ] as const;
    const judged = assessment('/runs/first');
    const score = { name: 'known' as const, rows: 112, value: 0.87, low: 0.79, high: 0.92 };
    const rival = {
      ...{ name: 'counter' as const, seconds: 1, lead: { value: -0.06, low: -0.1, high: -0.01 } },
      score: { ...score, value: 0.93, low: 0.86, high: 0.96 },
    };
    store.assessments.set(ids[0], { ...judged, verdict: { ...judged.verdict, score, rival } });
    store.events.add(ids[0], numbered([step(1)]));
    return [...ids];
  });
}

describe('fettle runs list', () => {
  it('says what to do where there is nothing', async () => {
    expect(await fettle('list')).toEqual({ code: 0, out: expect.stringContaining('No runs yet.'), err: '' });
    expect((await fettle('list', '--search', 'x')).out).toContain('No run matches.');
    expect(await json('list')).toEqual({ total: 0, runs: [] });
  });

  it('shows runs in a table, newest first, with what came of them', async () => {
    const [one] = await three();
    const { out } = await fettle('list');
    const lines = out.split('\n');
    expect(lines[0]).toMatch(
      /^Id {7,}Name +State +Model +Data +Loss +Verdict +Score +Simpler way +Time +Made$/,
    );
    expect(lines.slice(1, 4).map((line) => line.split(/ +/)[1])).toEqual(['third', 'second', 'first']);
    expect(lines[3]).toMatch(
      new RegExp(
        `^${one.slice(0, 8)}  first +done +SmolLM2 +support.jsonl +1.500 +learned, forgot a little +87% right +93% right, word counts +8 min +20`,
      ),
    );
    expect(out).toContain('3 runs\n');
  });

  it('searches, filters and sorts', async () => {
    await three();
    const names = async (...argv: string[]) =>
      (await json('list', ...argv)).runs.map(({ name }: { name: string }) => name);
    expect(await names('--sort', 'loss')).toEqual(['second', 'first', 'third']);
    expect(await names('--sort', 'time')).toEqual(['second', 'first', 'third']);
    expect(await names('--sort', 'score')).toEqual(['first', 'third', 'second']);
    expect(await names('--rivals', 'no-better')).toEqual(['first']);
    expect(await names('--rivals', 'unmeasured')).toEqual(['third', 'second']);
    expect(await names('--sort', 'name', '--reverse')).toEqual(['third', 'second', 'first']);
    expect(await names('--state', 'failed,paused')).toEqual(['third']);
    expect(await names('--search', 'rank 16')).toEqual(['second']);
    expect(await names('--limit', '1')).toEqual(['third']);
    expect((await fettle('list', '--limit', '1')).out).toContain('3 runs, 2 of them not shown');
  });

  it.each([
    [['--sort', 'los'], 'Did you mean loss?'],
    [['--state', 'done,faild'], 'Did you mean failed?'],
    [['--limit', '0'], '--limit must be a whole number from 1 to 1000; got 0.'],
    [['--limit', 'many'], 'got many'],
    [['--query', 'x'], 'Did you mean --search?'],
  ])('refuses %j with advice', async (argv, words) => {
    const { code, out, err } = await fettle('list', ...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
  });
});

describe('fettle runs show', () => {
  it('shows a run by the beginning of its id, and how to go on', async () => {
    const [one, , failed] = await three();
    const { code, out } = await fettle('show', one.slice(0, 10).toUpperCase());
    expect(code).toBe(0);
    for (const words of [
      `first (${one})`,
      'It learned.',
      'lora.rank',
      '1.500 on held-out rows',
      'abacus',
      'fettle export --run',
    ])
      expect(out).toContain(words);
    expect((await fettle('show', failed)).out).toContain('--resume');
    expect(await json('show', one)).toMatchObject({
      id: one,
      config: { lora: { rank: 8 } },
      verdict: { learned: 'yes' },
    });
  });

  it('tells ids that nobody has, or several', async () => {
    await history((store) => {
      // of 17 ids two begin with the same digit
      for (let i = 0; i < 17; i++) makeRun(store, `run ${i}`);
    });
    expect(await fettle('show', 'zz')).toMatchObject({
      code: 2,
      err: expect.stringContaining('No run has an id that begins with "zz".'),
    });
    expect((await fettle('show', 'run 3')).err).toMatch(/A run of that name has the id [0-9a-f]{12}\./);
    const digits = await Promise.all([...'0123456789abcdef'].map((digit) => fettle('show', digit)));
    const ambiguous = digits.filter(({ err }) => /\d+ runs have an id that begins/.test(err));
    expect(ambiguous.length).toBeGreaterThan(0);
    expect(ambiguous[0]).toMatchObject({
      code: 2,
      err: expect.stringMatching(/Write more of it: [0-9a-f]{12} \(run \d+\), /),
    });
  });
});

describe('fettle runs compare', () => {
  it('shows what differs, side by side', async () => {
    const [one, two] = await three();
    const { out } = await fettle('compare', one, two);
    expect(out).toMatch(/^Run +first +second\n/);
    expect(out).toMatch(/Lowest loss +1.500 +1.250\n/);
    expect(out).toMatch(/Score +87% right +not measured\n +range +79% to 92% on 112 test rows\n/);
    const shown = (await fettle('show', one)).out;
    expect(shown).toMatch(/^Score +Knows the answer: 87% \(79% to 92% on 112 test rows\)$/m);
    expect(shown).toMatch(/^Simpler way +93% right, word counts$/m);
    expect(out).toMatch(/lora.rank +8 +16\n/);
    expect(out).not.toContain('learningRate');
    expect(await json('compare', one, two)).toMatchObject({
      runs: [{ id: one }, { id: two }],
      differences: [
        { name: 'lora.rank', values: ['8', '16'] },
        { name: 'lora.alpha', values: ['16', '32'] },
      ],
    });
  });

  it('warns where they were measured on different test rows', async () => {
    const [one, two] = await three();
    expect((await fettle('compare', one, two)).out).not.toContain('different test rows');
    await history((store) => {
      store.runs.update(one, { start: { ...START, testRows: 'a' } });
      store.runs.update(two, { start: { ...START, testRows: 'b' } });
    });
    expect((await fettle('compare', one, two)).out).toContain('measured on different test rows');
    expect(await json('compare', one, two)).toMatchObject({ testRowsDiffer: true });
  });

  it('needs two different runs', async () => {
    const [one] = await three();
    expect(await fettle('compare', one, one.slice(0, 9))).toMatchObject({
      code: 2,
      err: expect.stringContaining('got 1.'),
    });
  });

  it('has all settings that are in any run', () => {
    expect(
      differences([
        { a: 1, out: 'x', b: { c: true } },
        { a: 1, out: 'y', d: ['p', 'q'] },
      ]),
    ).toEqual([
      { name: 'b.c', values: ['on', 'not set'] },
      { name: 'd', values: ['not set', 'p, q'] },
    ]);
  });
});

describe('fettle runs edit', () => {
  it('changes what is named and nothing else', async () => {
    const [one] = await three();
    expect(await fettle('edit', one, '--name', 'Best so far', '--tags', 'good, support,')).toEqual({
      code: 0,
      out: `Changed name, tags of Best so far (${one}).\n`,
      err: '',
    });
    expect(await json('edit', one, '--notes', 'n')).toMatchObject({
      name: 'Best so far',
      notes: 'n',
      tags: ['good', 'support'],
    });
    expect(await json('edit', one, '--tags=', '--notes=')).toMatchObject({ notes: '', tags: [] });
    expect((await json('list', '--search', 'best')).total).toBe(1);
  });

  it.each([
    [[], '--name, --notes or --tags is missing'],
    [['--name', ' '], '--name must not be empty'],
    [['--name', 'x'.repeat(201)], 'may have 200 characters; got 201'],
    [['--tags', 'x'.repeat(61)], 'may have 60 characters'],
  ])('refuses %j', async (argv, words) => {
    const [one] = await three();
    expect(await fettle('edit', one, ...argv)).toMatchObject({
      code: 2,
      err: expect.stringContaining(words),
    });
  });
});

describe('fettle runs delete', () => {
  it('puts runs into the bin, from which they come back', async () => {
    const [one, two, failed] = await three();
    const before = await json('show', one);
    const { code, out } = await fettle('delete', one, two);
    expect(code).toBe(0);
    expect(out).toBe(
      `2 runs moved to the bin (4 kB), kept for 30 days.\nTo take back: fettle runs restore ${one.slice(0, 8)} ${two.slice(0, 8)}\n`,
    );
    expect((await json('list')).runs).toMatchObject([{ id: failed }]);
    expect((await fettle('show', one)).code).toBe(2);
    const bin = await json('bin');
    expect(bin).toMatchObject({ bytes: 4000, runs: [{ name: 'second' }, { name: 'first', bytes: 2000 }] });
    expect((await fettle('bin')).out).toMatch(/first .*2 kB.*\n\nEmptying the bin frees 4 kB\.\n$/);
    expect(await json('restore', one.slice(0, 6))).toEqual({ restored: [one] });
    expect(await json('show', one)).toEqual(before);
    expect(await json('delete', failed)).toEqual({ deleted: [failed], freedBytes: 0 });
  });

  it('asks nobody where nobody can be asked, and deletes nothing for good', async () => {
    const [one] = await three();
    const { code, err } = await fettle('delete', one, '--now');
    expect(code).toBe(2);
    expect(err).toContain(`Deleting first (${one}) frees 2 kB in 1 file.`);
    expect(err).toContain('Add --yes');
    expect((await json('list')).total).toBe(3);
  });

  it('frees what it said with --now --yes', async () => {
    const [one, two, failed] = await three();
    expect(await fettle('delete', one, two, '--now', '--yes')).toMatchObject({
      code: 0,
      out: 'Deleted 2 runs, 4 kB freed.\n',
    });
    expect((await json('list')).runs).toMatchObject([{ id: failed }]);
    expect(await json('bin')).toEqual({ bytes: 0, runs: [] });
    expect(fs.readdirSync(path.join(process.env.FETTLE_HOME!, 'data', 'runs'))).toEqual(['third']);
    expect(await json('delete', failed, '--now', '--yes')).toEqual({ deleted: [failed], freedBytes: 2000 });
  });

  it("keeps the person's own folders and says so", async () => {
    const own = path.join(newFolder(), 'own');
    fs.mkdirSync(own);
    fs.writeFileSync(path.join(own, 'run.json'), '{}');
    const { id } = await history((store) => makeRun(store, 'mine', { state: 'done', folder: own }));
    const { err, out } = await fettle('delete', id, '--now', '--yes');
    expect(err).toContain(`The folder ${own} is your own and stays.`);
    expect(out).toBe('Deleted 1 run, 0 B freed.\n');
    expect(fs.existsSync(path.join(own, 'run.json'))).toBe(true);
  });

  it.each([[], ['--now', '--yes']])(
    'refuses a run under way, and all of several where one is wrong: %j',
    async (...flags) => {
      const [one] = await three();
      const { id } = await history((store) => makeRun(store, 'going'));
      expect(await fettle('delete', one, id, ...flags)).toMatchObject({
        code: 2,
        err: expect.stringContaining('is going on'),
      });
      expect((await fettle('delete', one, 'zz', ...flags)).code).toBe(2);
      expect((await json('list')).total).toBe(4);
    },
  );
});

describe('fettle runs bin', () => {
  it('is emptied when a person agrees', async () => {
    const [one, , failed] = await three();
    await fettle('delete', one, failed);
    const { code, err } = await fettle('bin', '--empty');
    expect([code, err]).toEqual([2, expect.stringContaining('Emptying the bin frees 4 kB: 2 runs.')]);
    expect((await json('bin')).runs).toHaveLength(2);
    expect((await fettle('bin', '--empty', '--yes')).out).toBe('Deleted 2 runs, 4 kB freed.\n');
    expect((await fettle('bin')).out).toBe('The bin is empty.\n');
    expect((await fettle('bin', '--empty', '--yes')).out).toBe('The bin is empty.\n');
    expect((await json('list')).total).toBe(1);
  });

  it('lets go of what has been in it for 30 days, at the next look at the history', async () => {
    const [one] = await three();
    const long = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 31 * 86_400_000);
    await history((store) => store.runs.bin([one]));
    long.mockRestore();
    expect((await json('list')).total).toBe(2);
    expect((await json('bin')).runs).toEqual([]);
    expect(await history((store) => store.runs.find(one))).toBeNull();
  });

  it('gives back only what is in it', async () => {
    const [one] = await three();
    expect(await fettle('restore', one)).toMatchObject({
      code: 2,
      err: expect.stringContaining('`fettle runs bin` shows the ids.'),
    });
  });
});

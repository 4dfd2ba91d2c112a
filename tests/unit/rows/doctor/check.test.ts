import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import type { DoctorReport } from '../../../../common/protocol/protocol.ts';
import { rowEncoder } from '../../../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../../../main/engine/data/tokens/tokenizer/load.ts';
import { checkRows } from '../../../../main/rows/doctor/check.ts';
import { undoRepair } from '../../../../main/rows/doctor/repair-files.ts';
import type { DoctorOptions } from '../../../../main/rows/doctor/scan.ts';
import { type LooseRow, looseToJson } from '../../../../main/rows/loose-row.ts';
import { readLooseRows } from '../../../../main/rows/read-rows.ts';
import { Rng } from '../../../../main/rows/rng.ts';
import { familyFolder } from '../../../helpers/tokenizer-families.ts';
import { chat, cleanRows, pair } from './clean-rows.ts';
import { BESIDE, SPOILS } from './faults.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-doctor-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
const fresh = (name = 'rows.jsonl') => join(folder, `${++files}-${name}`);

async function written(rows: readonly LooseRow[], extra = ''): Promise<string> {
  const path = fresh();
  await writeFile(path, rows.map((row) => `${JSON.stringify(looseToJson(row))}\n`).join('') + extra);
  return path;
}

function check(path: string, options: Partial<DoctorOptions> = {}): Promise<DoctorReport> {
  return checkRows({
    paths: [path],
    read: {},
    maxLength: 1024,
    heldOut: 0.1,
    seed: 42,
    epochs: 3,
    ...options,
  });
}

const codes = ({ findings }: DoctorReport) => findings.map(({ code }) => code);
const countOf = ({ findings }: DoctorReport, code: string) =>
  findings.find((one) => one.code === code)?.rows ?? 0;

const EACH = 21;

/** The rows of a file as training reads them, without the names that the file has for texts. */
async function readBack(path: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const { row } of readLooseRows([path], { onBadRow: () => {} })) rows.push(looseToJson(row));
  return rows;
}

/** Clean rows and `each` faults of every kind, in one file. */
function spoiltRows(each: number): LooseRow[] {
  const rng = Rng.fromSeed(21);
  const rows = cleanRows(1200, 3);
  let next = 0;
  for (const [code, spoil] of Object.entries(SPOILS)) {
    for (let i = 0; i < each; i++) {
      const row = next++;
      const spoilt = spoil(rows[row]!, rng, i);
      if (BESIDE.includes(code)) rows.push(spoilt);
      else rows[row] = spoilt;
    }
  }
  return rows;
}

describe('the report', () => {
  it('is empty for clean rows, and says how long they are', async () => {
    const report = await check(await written(cleanRows(500)));
    expect(codes(report)).toEqual([]);
    expect(report).toMatchObject({ rows: 500, unreadable: 0, repair: null, labels: [] });
    expect(report.lengths.histogram.reduce((sum, { rows }) => sum + rows, 0)).toBe(500);
    expect(report.lengths.counted).toBe(false);
  });

  it('counts every planted fault, names three places of each, worst first', async () => {
    const path = await written(spoiltRows(EACH), '{"prompt": "half\n');
    const report = await check(path);
    for (const code of Object.keys(SPOILS))
      expect(countOf(report, code), code).toBeGreaterThanOrEqual(EACH - 1);
    for (const { code, examples, rows, fix } of report.findings) {
      if (code === 'few-rows') continue;
      expect(examples.length, code).toBe(Math.min(3, rows));
      for (const { where } of examples) expect(where, code).toMatch(/rows\.jsonl:\d+$/);
      if (fix && code !== 'unusable-rows') expect(fix.preview.length, code).toBe(Math.min(3, rows));
    }
    const order = report.findings.map(({ severity }) => ['harm', 'warning', 'note'].indexOf(severity));
    expect(order).toEqual([...order].sort());
    expect(report.unreadable).toBe(1);
    const unusable = report.findings.find(({ code }) => code === 'unusable-rows')!;
    expect(unusable.examples[0]!.where).toBe(`${path}:${report.rows + 1}`);
  });

  it('shows a pair around the place where it differs', async () => {
    const rows = cleanRows(300);
    const text = `${rows[0]!.turns[1]!.content} ${rows[1]!.turns[1]!.content} Here it is`;
    const report = await check(
      await written([...rows, pair(`${text} blue.`, 'Yes it is'), pair(`${text} bluish.`, 'Yes it is')]),
    );
    const [example] = report.findings.find(({ code }) => code === 'near-duplicates')!.examples;
    expect(example!.text).toContain('bluish');
    expect(example!.beside!.text).toContain('blue.');
    expect(example!.beside!.where).toMatch(/:301$/);
  });

  it('counts tokens with an encoder, as training does', async () => {
    const rows = cleanRows(200);
    const encode = () => ({ ids: Array.from({ length: 50 }, () => 1), labels: [] });
    const path = await written(rows);
    expect((await check(path, { encode })).lengths).toMatchObject({
      counted: true,
      tokens: 10_000,
      most: 50,
    });
    const cut = await check(path, { encode, maxLength: 49 });
    expect(countOf(cut, 'cut-answers')).toBe(200);
  });

  it('refuses a file without rows and a fix that does not exist', async () => {
    const failure = async (run: Promise<unknown>) => (await run.catch((error: unknown) => error)) as AppError;
    const empty = await failure(check(await written([], '{"a": 1}\n')));
    expect(empty).toBeInstanceOf(AppError);
    const unknown = await failure(check(await written(cleanRows(3)), { fix: ['everything'], out: fresh() }));
    expect(unknown).toMatchObject({ code: 'bad-usage', message: 'There is no fix called "everything".' });
    expect(unknown.hint).toContain('near-duplicates');
  });

  it('reports progress up to the end and stops when it is told to', async () => {
    const seen: number[] = [];
    const path = await written(cleanRows(200));
    await check(path, { onProgress: (fraction) => seen.push(fraction), fix: ['all'], out: null });
    expect(seen[0]).toBe(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(check(path, { read: { signal: stop } })).rejects.toThrow('enough');
  });
});

describe('fixes', () => {
  const ALL = [
    'all',
    'wrong-calls',
    'near-duplicates',
    'conflicting-answers',
    'one-word-answers',
    'mixed-languages',
    'lost-characters',
    'cut-answers',
  ];

  it('are gone from the new file, and undoing them gives the old rows back', async () => {
    const rows = spoiltRows(EACH);
    const path = await written(rows, '{"prompt": "half\n');
    const before = await readFile(path, 'utf8');
    const out = fresh('mended.jsonl');
    const report = await check(path, { fix: ALL, out });
    const { repair } = report;
    expect(await readFile(path, 'utf8')).toBe(before);
    expect(repair).toMatchObject({ out, undo: `${out}.undo.jsonl`, unreadableRows: 1 });
    expect(repair!.keptRows + repair!.droppedRows).toBe(rows.length);
    expect(repair!.changedRows).toBeGreaterThan(100);

    const again = await check(out);
    expect(again.rows).toBe(repair!.keptRows);
    expect(codes(again)).toEqual([]);

    const restored = fresh('restored.jsonl');
    const undone = await undoRepair({ file: out, out: restored });
    expect(undone).toMatchObject({ rows: rows.length, unreadableRows: 1 });
    expect(await readBack(restored)).toEqual(await readBack(path));
  });

  it('are undone in texts with every kind of line end', async () => {
    const ends = ['\u2028', '\u2029', '\r', '\u0085', '\n'];
    const rows = ends.map((end) => pair(`Is${end}it?`, `It${end}is one.`));
    const path = await written([...rows, pair(`Who${ends.join('')}?`, '')]);
    const out = fresh('mended.jsonl');
    await check(path, { fix: ['empty-answers'], out });
    const restored = fresh('restored.jsonl');
    expect(await undoRepair({ file: out, out: restored })).toMatchObject({ rows: 6, restoredRows: 1 });
    expect(await readFile(restored, 'utf8')).toBe(await readFile(path, 'utf8'));
  });

  it.each(Object.keys(SPOILS))('%s alone takes its finding away', async (code) => {
    const rng = Rng.fromSeed(8);
    const rows = cleanRows(300, 13);
    for (let i = 0; i < 25; i++) {
      const spoilt = SPOILS[code]!(rows[i * 3]!, rng, i);
      if (BESIDE.includes(code)) rows.push(spoilt);
      else rows[i * 3] = spoilt;
    }
    const out = fresh();
    const report = await check(await written(rows), { fix: [code], out });
    const done = report.repair!.fixes.find(({ name }) => name === code)!;
    expect(done.changed + done.dropped).toBe(
      code === 'conflicting-answers' ? countOf(report, code) / 2 : countOf(report, code),
    );
    expect(codes(await check(out))).not.toContain(code);
  });

  it('find copies that only the mending makes', async () => {
    const rows = cleanRows(300);
    const contact = (name: string) =>
      pair(
        'Whom do I ask about the lamp in the hall?',
        `Ask ${name}@mail.net about it, she knows where it is.`,
      );
    const path = await written([...rows, contact('anna'), contact('berta'), contact('clara')]);
    const out = fresh();
    const report = await check(path, { fix: ['all'], out });
    expect(countOf(report, 'exact-duplicates')).toBe(0);
    expect(report.repair!.fixes).toContainEqual({ name: 'exact-duplicates', changed: 0, dropped: 2 });
    expect(codes(await check(out))).toEqual([]);
  });

  it('of the training rows take leaks away and leave the held-out file alone', async () => {
    const rows = cleanRows(300);
    const path = await written(rows);
    const held = await written([...rows.slice(0, 20), ...cleanRows(40, 77)]);
    const out = fresh();
    const report = await check(path, { evalPaths: [held], fix: ['leaks'], out });
    expect(report.findings.find(({ code }) => code === 'leaks')!.examples[0]!.beside!.where).toBe(
      `${held}:1`,
    );
    expect(report.repair).toMatchObject({ keptRows: 280, droppedRows: 20 });
    expect(codes(await check(out, { evalPaths: [held] }))).toEqual([]);
  });

  it('of conflicts keep the commonest answer, or nothing of such a question', async () => {
    const question = 'Which colour has the lamp in the hall?';
    const answers = ['red', 'red', 'blue'].map((answer) => pair(question, answer));
    const path = await written([...cleanRows(120), ...answers]);
    const [commonest, nothing] = [fresh(), fresh()];
    const report = await check(path, { fix: ['conflicting-answers'], out: commonest });
    expect(report.findings.find(({ code }) => code === 'conflicting-answers')!.fix!.instead!.name).toBe(
      'conflicting-questions',
    );
    const { repair } = await check(path, { fix: ['conflicting-questions'], out: nothing });
    expect(repair!.fixes).toEqual([{ name: 'conflicting-questions', changed: 0, dropped: 3 }]);
    expect((await readFile(commonest, 'utf8')).match(/lamp in the hall\?/g)?.length).toBe(2);
    expect(await readFile(nothing, 'utf8')).not.toContain('lamp in the hall?');
    const restored = fresh();
    await undoRepair({ file: nothing, out: restored });
    expect(await readFile(restored, 'utf8')).toBe(await readFile(path, 'utf8'));
  });

  it('that leave no row are refused, and write nothing', async () => {
    const path = await written(cleanRows(20));
    const out = fresh();
    const all = check(path, { maxLength: 2, fix: ['cut-answers'], out });
    await expect(all).rejects.toMatchObject({
      code: 'no-rows',
      message: 'These fixes would leave no row, so nothing was written.',
    });
    await expect(readFile(out, 'utf8')).rejects.toThrow('ENOENT');
  });

  it('of too many tokens keep the rows that there is time for', async () => {
    const path = await written(cleanRows(200));
    const time = { minutes: 1, tokensPerSecond: 100 };
    const out = fresh();
    const report = await check(path, { ...time, fix: ['too-many-tokens'], out });
    expect(report.repair!.droppedRows).toBe(countOf(report, 'too-many-tokens'));
    expect(report.repair!.keptRows).toBeGreaterThan(10);
    expect(codes(await check(out, time))).not.toContain('too-many-tokens');
  });

  it('compare with nothing that cannot be read, and say so', async () => {
    const path = await written(cleanRows(120));
    const held = await written(cleanRows(5, 77), '{"prompt": "half\n');
    const { notes } = await check(path, { evalPaths: [held] });
    expect(notes.join('\n')).toMatch(/1 of 6 test rows can't be read .*:6: The line is not one JSON object/);
    const broken = await written([], '{"prompt": "half\n');
    await expect(check(path, { evalPaths: [broken] })).rejects.toMatchObject({
      code: 'no-rows',
      message: expect.stringContaining(broken),
    });
  });

  it('write nothing in a preview, and count the same', async () => {
    const path = await written(spoiltRows(5));
    const preview = await check(path, { fix: ['all'], out: null });
    const real = await check(path, { fix: ['all'], out: fresh() });
    expect(preview.repair).toEqual({ ...real.repair!, out: null, undo: null });
  });

  it('never write over the file that is read, nor over another one unasked', async () => {
    const path = await written(cleanRows(20));
    const there = await written(cleanRows(2));
    await expect(check(path, { fix: ['all'], out: path, overwrite: true })).rejects.toMatchObject({
      code: 'file-exists',
    });
    const own = join(folder, 'own');
    await mkdir(own);
    const within = join(own, 'rows.jsonl');
    await copyFile(path, within);
    await expect(
      check(own, { fix: ['all'], out: within, overwrite: true }),
      'a file of the folder that is read',
    ).rejects.toMatchObject({ code: 'file-exists' });
    await expect(check(path, { fix: ['all'], out: there })).rejects.toMatchObject({ code: 'file-exists' });
    await check(path, { fix: ['all'], out: there, overwrite: true });
    expect((await readFile(there, 'utf8')).trim().split('\n').length).toBe(20);
  });

  it('keep what was taken out from other people’s eyes', async () => {
    const path = await written([...cleanRows(20), pair('Who?', 'anna.k@mail.net is the one to ask')]);
    const out = fresh();
    await check(path, { fix: ['email-addresses'], out });
    expect(await readFile(out, 'utf8')).not.toContain('anna.k');
    const undo = `${out}.undo.jsonl`;
    expect(await readFile(undo, 'utf8')).toContain('anna.k@mail.net');
    if (process.platform !== 'win32') expect((await stat(undo)).mode & 0o777).toBe(0o600);
  });

  it('are refused before the rows are read where they cannot be written', async () => {
    const path = await written([...cleanRows(20), pair('Q', '')]);
    const below = join(path, 'mended.jsonl');
    const taken = await written(cleanRows(1));
    for (const [out, code] of [
      [below, 'path-unusable'],
      [taken, 'file-exists'],
    ] as const) {
      const read: number[] = [];
      const refused = check(path, { fix: ['all'], out, onProgress: (fraction) => read.push(fraction) });
      await expect(refused).rejects.toMatchObject({ code });
      expect(read).toEqual([]);
    }
  });

  it('cannot be undone on a file that was changed since, or without what undoes them', async () => {
    const out = fresh();
    await check(await written([...cleanRows(20), pair('Q', '')]), { fix: ['all'], out });
    const text = await readFile(out, 'utf8');
    await writeFile(out, text.replace('the', 'teh'));
    await expect(undoRepair({ file: out, out: fresh() })).rejects.toMatchObject({ code: 'data-changed' });
    await rm(`${out}.undo.jsonl`);
    await expect(undoRepair({ file: out, out: fresh() })).rejects.toMatchObject({ code: 'file-not-found' });
  });
});

describe('conversations', () => {
  it.each([
    ['aliases', chat(['human', 'a'], ['GPT', 'b']), ['user', 'assistant']],
    ['neighbours', chat(['user', 'a'], ['user', 'b'], ['assistant', 'c']), ['user', 'assistant']],
    ['a question at the end', chat(['user', 'a'], ['assistant', 'b'], ['user', 'c']), ['user', 'assistant']],
    ['an empty turn', chat(['user', 'a'], ['user', ' '], ['assistant', 'c']), ['user', 'assistant']],
    [
      'two system turns',
      chat(['developer', 'x'], ['system', 'y'], ['user', 'a'], ['assistant', 'b']),
      ['system', 'user', 'assistant'],
    ],
    [
      'context',
      {
        ...chat(['user', 'a'], ['assistant', 'b'], ['assistant', 'c'], ['user', 'd'], ['assistant', 'e']),
        contextTurns: 1,
      },
      ['user', 'assistant', 'user', 'assistant'],
    ],
    [
      'context that says nothing',
      { ...chat(['user', ' '], ['user', 'd'], ['assistant', 'e']), contextTurns: 1 },
      ['user', 'assistant'],
    ],
  ])('with %s are put right where there is one reading', async (_, row, roles) => {
    const out = fresh();
    await check(await written([...cleanRows(3), row as LooseRow]), { fix: ['wrong-roles'], out });
    const last = JSON.parse((await readFile(out, 'utf8')).trim().split('\n').at(-1)!) as Record<
      string,
      { role: string }[]
    >;
    const turns = last.messages ?? [...last.prompt!, ...last.completion!];
    expect(turns.map(({ role }) => role)).toEqual(roles);
    expect((await check(out)).unreadable).toBe(0);
  });
});

describe('rows whose prompt and answer share a token', () => {
  it('are counted by the tokenizer of the model, and nowhere without one', async () => {
    const spaced = Array.from({ length: 5 }, (_, i) => pair(`Message ${i}\nAnswer: `, 'spam'));
    const apart = Array.from({ length: 4 }, (_, i) => pair(`Message ${i}\nCategory:\n`, 'spam'));
    const path = await written([...spaced, ...apart]);
    const gpt2 = { ...(await loadTokenizer(familyFolder('gpt2'))), chat: null };
    const report = await check(path, { encode: rowEncoder(gpt2, 'answers') });
    expect(countOf(report, 'joined-borders')).toBe(5);
    const [example] = report.findings.find(({ code }) => code === 'joined-borders')!.examples;
    expect(example!.text).toContain('Answer: spam');
    expect(countOf(await check(path), 'joined-borders')).toBe(0);
  });
});

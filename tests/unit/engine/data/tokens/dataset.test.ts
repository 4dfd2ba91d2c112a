import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../../../common/errors.ts';
import {
  buildTokenStore,
  type DatasetOptions,
  type DatasetProgress,
} from '../../../../../main/engine/data/tokens/dataset.ts';
import type { TokenStore } from '../../../../../main/engine/data/tokens/token-store.ts';
import type { EncodedRow } from '../../../../../main/engine/data/tokens/tokenizer-types.ts';
import { answeredOf, type TrainingRow } from '../../../../../main/rows/schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-dataset-'));
});
afterAll(() => rm(folder, { recursive: true }));

const codes = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));

/** One id per character; answers are trained on, questions are not. */
function encodeRow(given: TrainingRow): EncodedRow {
  const row = answeredOf(given);
  if (row.kind === 'text') return { ids: codes(row.text), labels: codes(row.text) };
  const parts =
    row.kind === 'completion'
      ? [[row.prompt, false] as const, [row.completion, true] as const]
      : row.messages.map(({ role, content }) => [content, role === 'assistant'] as const);
  return {
    ids: parts.flatMap(([text]) => codes(text)),
    labels: parts.flatMap(([text, trained]) => codes(text).map((id) => (trained ? id : -100))),
  };
}

async function build(
  lines: readonly unknown[] | string,
  options: Partial<DatasetOptions> = {},
): Promise<TokenStore> {
  const file = join(folder, 'data.jsonl');
  const text = typeof lines === 'string' ? lines : lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(file, text);
  return buildTokenStore({
    files: [file],
    encodeRow,
    maxLength: 10,
    onBadRow: 'stop',
    folder: join(folder, 'work'),
    ...options,
  });
}

async function texts(store: TokenStore): Promise<string[]> {
  const rows = await Promise.all(Array.from({ length: store.count }, (_, i) => store.row(i)));
  return rows.map(({ ids }) => String.fromCharCode(...ids));
}

const pair = (prompt: string, completion: string) => ({ prompt, completion });

describe('buildTokenStore', () => {
  it('stores the rows of all shapes in order with their labels', async () => {
    const store = await build([
      {
        messages: [
          { role: 'user', content: 'ab' },
          { role: 'assistant', content: 'CD' },
        ],
      },
      pair('e', 'F'),
      { instruction: 'g', output: 'HI' },
      { text: 'jkl' },
    ]);
    expect(await texts(store)).toEqual(['abCD', 'eF', 'gHI', 'jkl']);
    const trained = await Promise.all([0, 1, 2, 3].map(async (i) => (await store.row(i)).trained.join('')));
    expect(trained).toEqual(['0011', '01', '011', '011']);
    expect([...store.labelled]).toEqual([2, 1, 2, 2]);
    expect(store.stats).toEqual({
      rows: 4,
      tokens: 12,
      labelledTokens: 7,
      readRows: 4,
      instructedRows: 0,
      toolRows: 0,
      skippedRows: 0,
      skippedMessages: [],
      truncatedRows: 0,
      lostTokens: 0,
      lostRows: 0,
      unlabelledRows: 0,
      splitTexts: 0,
      splitRows: 0,
    });
    await store.close();
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('cuts at the token limit and counts: rows cut, tokens lost, rows that lost all their labels', async () => {
    const store = await build([
      pair('q'.repeat(4), 'a'.repeat(6)), // exactly the limit
      pair('q'.repeat(4), 'a'.repeat(9)), // loses 3 tokens
      pair('q'.repeat(9), 'a'.repeat(5)), // loses 4 tokens, keeps 1 label
      pair('q'.repeat(10), 'a'.repeat(5)), // loses all labels
      pair('q'.repeat(30), 'a'), // loses all labels
    ]);
    expect([...store.lengths]).toEqual([10, 10, 10]);
    expect([...store.labelled]).toEqual([6, 6, 1]);
    expect(store.stats).toMatchObject({
      rows: 3,
      readRows: 5,
      tokens: 30,
      labelledTokens: 13,
      truncatedRows: 2,
      lostTokens: 7,
      lostRows: 2,
      unlabelledRows: 0,
    });
    await store.close();
  });

  it('leaves rows out that have nothing to predict: a label at position 0 never counts', async () => {
    const fake = (row: TrainingRow): EncodedRow => {
      const text = row.kind === 'text' ? row.text : '';
      if (text === 'none') return { ids: [1, 2, 3], labels: [-100, -100, -100] };
      if (text === 'first') return { ids: [1, 2, 3], labels: [1, -100, -100] };
      if (text === 'empty') return { ids: [], labels: [] };
      return { ids: [1, 2, 3], labels: [1, -100, 3] };
    };
    const rows = ['none', 'first', 'empty', 'good'].map((text) => ({ text }));
    const store = await build(rows, { encodeRow: fake });
    expect(store.stats).toMatchObject({
      rows: 1,
      readRows: 4,
      unlabelledRows: 3,
      lostRows: 0,
      labelledTokens: 1,
    });
    expect([...(await store.row(0)).trained]).toEqual([0, 0, 1]);
    await store.close();
  });

  it('splits longer texts instead of cutting them: every token but the first is predicted exactly once', async () => {
    const alphabet = 'abcdefghijklmnopqrstuvwxyz';
    for (let length = 2; length <= 26; length++) {
      for (const maxLength of [2, 3, 7, 10]) {
        const text = alphabet.slice(0, length);
        const store = await build([{ text }], { maxLength });
        const rows = await Promise.all(Array.from({ length: store.count }, (_, i) => store.row(i)));
        const predicted = rows.flatMap(({ ids, trained }) => [...ids].filter((_, t) => trained[t] === 1));
        expect(String.fromCharCode(...predicted)).toBe(text.slice(1));
        for (const row of rows) expect(row.ids.length).toBeLessThanOrEqual(maxLength);
        const split = length > maxLength;
        expect(store.stats).toMatchObject({
          lostTokens: 0,
          splitTexts: split ? 1 : 0,
          splitRows: split ? rows.length : 0,
        });
        await store.close();
      }
    }
    const store = await build([{ text: alphabet }, { text: 'short' }]);
    expect(await texts(store)).toEqual(['abcdefghij', 'jklmnopqrs', 'stuvwxyz', 'short']);
    await store.close();
  });

  it('stops at the first bad row and names its line', async () => {
    const lines = [pair('a', 'b'), pair('c', 'd'), { prompt: 'e' }, { nothing: 1 }];
    await expect(build(lines)).rejects.toMatchObject({
      code: 'bad-row',
      message: `${join(folder, 'data.jsonl')}:3: “completion” is missing.`,
    });
    await expect(build('{"text":"ok"}\n\n{"text":')).rejects.toThrow(
      'data.jsonl:3: The line is not one JSON object',
    );
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('skips bad rows where asked to: counts all of them and keeps what was wrong with the first five', async () => {
    const bad = ['{"prompt": "x"}', '{broken', '[]', '{"text": ""}', '7', '{"foo": 1}', '{"messages": 0}'];
    const text = bad.flatMap((line) => ['{"text": "good"}', line]).join('\n');
    const store = await build(text, { onBadRow: 'skip' });
    expect(store.stats).toMatchObject({ rows: 7, readRows: 7, skippedRows: 7 });
    const places = store.stats.skippedMessages.map((message) => /data\.jsonl:(\d+): \S/.exec(message)?.[1]);
    expect(places).toEqual(['2', '4', '6', '8', '10']);
    await store.close();
  });

  it('treats what the encoder refuses as a bad row, and passes its bugs on', async () => {
    const refusing = (row: TrainingRow): EncodedRow => {
      if (row.kind === 'text' && row.text === 'no')
        throw new AppError('template', 'The template refuses this.', 'Hint.');
      if (row.kind === 'text' && row.text === 'bug') throw new Error('internal: bug');
      return encodeRow(row);
    };
    const rows = [{ text: 'yes' }, { text: 'no' }];
    await expect(build(rows, { encodeRow: refusing })).rejects.toMatchObject({
      code: 'bad-row',
      message: `${join(folder, 'data.jsonl')}:2: The template refuses this.`,
      hint: 'Hint.',
    });
    const store = await build(rows, { encodeRow: refusing, onBadRow: 'skip' });
    expect(store.stats).toMatchObject({ rows: 1, skippedRows: 1 });
    await store.close();
    for (const code of ['chat-template.missing', 'model-file.too-much']) {
      const wrongModel = (): EncodedRow => {
        throw new AppError(code, 'Not this model.', 'Hint.');
      };
      const wrong = build(rows, { encodeRow: wrongModel, onBadRow: 'skip' });
      await expect(wrong).rejects.toMatchObject({ code, message: 'Not this model.' });
    }
    const buggy = build([{ text: 'bug' }], { encodeRow: refusing, onBadRow: 'skip' });
    await expect(buggy).rejects.toThrow('internal: bug');
  });

  it('explains data without anything to train on', async () => {
    await expect(build('')).rejects.toMatchObject({
      code: 'no-rows',
      message: expect.stringContaining('is empty'),
    });
    await expect(build('\n \n')).rejects.toThrow('data.jsonl is empty');
    const bad = build('{"a":1}\n{"b":1}\n', { onBadRow: 'skip' });
    await expect(bad).rejects.toThrow(
      /None of the 2 rows of data\.jsonl can be used\. The first:\n.*data\.jsonl:1: /,
    );
    const long = build([pair('q'.repeat(20), 'a')]);
    await expect(long).rejects.toThrow(
      'None of the 1 rows of data.jsonl has an answer within the length limit of 10 tokens.',
    );
    await expect(long).rejects.toMatchObject({ hint: expect.stringContaining('Raise the length limit') });
    const longest = build([pair('q'.repeat(20), 'a')], { maxPositions: 10 });
    await expect(longest).rejects.toMatchObject({ hint: expect.stringContaining('choose another model') });
    await expect(build([{ text: 'x' }], { files: [join(folder, 'none')] })).rejects.toMatchObject({
      code: 'file-not-found',
    });
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('has a hash of the content: independent of spelling, tokenizer and limit, dependent on order and text', async () => {
    const hash = async (
      lines: readonly unknown[] | string,
      options: Partial<DatasetOptions> = {},
    ): Promise<string> => {
      const store = await build(lines, options);
      await store.close();
      return store.contentHash;
    };
    const rows = [pair('a', 'b'), pair('c', 'd')];
    const base = await hash(rows);
    expect(base).toMatch(/^[0-9a-f]{64}$/);
    expect(
      await hash(' {"completion":"b",  "id":1, "prompt":"\\u0061"}\r\n\n{"prompt":"c","completion":"d"}'),
    ).toBe(base);
    expect(await hash(rows, { maxLength: 2, encodeRow: () => ({ ids: [1, 2, 3], labels: [1, 2, 3] }) })).toBe(
      base,
    );
    expect(await hash(rows.toReversed())).not.toBe(base);
    expect(await hash([pair('a', 'b'), pair('c', 'e')])).not.toBe(base);
    expect(await hash([pair('a', 'b')])).not.toBe(base);
  });

  it('gives equal rows equal hashes, so that a split can keep them together', async () => {
    const store = await build([pair('a', 'b'), pair('c', 'd'), { completion: 'b', prompt: 'a', id: 9 }]);
    const hashes = [0, 1, 2].map((row) => `${store.hashes.at(2 * row)} ${store.hashes.at(2 * row + 1)}`);
    expect(hashes[0]).toBe(hashes[2]);
    expect(hashes[0]).not.toBe(hashes[1]);
    await store.close();
  });

  it('reports progress that only grows and ends at the size of the file', async () => {
    const seen: DatasetProgress[] = [];
    const slow = (row: TrainingRow): EncodedRow => {
      const until = performance.now() + 3;
      while (performance.now() < until);
      return encodeRow(row);
    };
    const lines = Array.from({ length: 120 }, (_, i) => pair(`q${i}`, 'a'));
    const store = await build(lines, { encodeRow: slow, onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(1);
    const doneBytes = seen.map((progress) => progress.doneBytes);
    expect(doneBytes).toEqual(doneBytes.toSorted((a, b) => a - b));
    const { totalBytes } = seen[0]!;
    expect(seen.at(-1)).toEqual({ doneBytes: totalBytes, totalBytes, rows: 120 });
    await store.close();
  });

  it('lets timers run, stops with the reason of its signal and leaves no file', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by hand');
    setTimeout(() => controller.abort(reason), 30);
    let encoded = 0;
    const slow = (row: TrainingRow): EncodedRow => {
      encoded++;
      const until = performance.now() + 2;
      while (performance.now() < until);
      return encodeRow(row);
    };
    const lines = Array.from({ length: 2000 }, () => pair('q', 'a'));
    await expect(build(lines, { encodeRow: slow, signal: controller.signal })).rejects.toBe(reason);
    expect(encoded).toBeLessThan(2000);
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });
});

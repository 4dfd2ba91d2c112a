import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTokenStore, type DatasetOptions } from '../../../../../main/engine/data/tokens/dataset.ts';
import { type EncoderSource, encoderFrom } from '../../../../../main/engine/data/tokens/encode-work.ts';
import type { EncodedRow } from '../../../../../main/engine/data/tokens/tokenizer-types.ts';
import type { TrainingRow } from '../../../../../main/rows/schema.ts';

const TOKENIZER = 'tests/fixtures/tokenizers/qwen3';
/** Refuses the system messages of these rows. */
const STRICT = `{%- for message in messages -%}
{%- if message.content.startswith('system ') %}{{ raise_exception('no system here') }}{% endif -%}
<|im_start|>{{ message.role }}: {{ message.content }}<|im_end|>
{%- endfor -%}
{%- if add_generation_prompt %}<|im_start|>assistant: {% endif -%}`;
const ROWS = 800;

type Encode = (row: TrainingRow) => EncodedRow;

let folder: string;
let data: string;
let strict: EncoderSource;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-encode-threads-'));
  data = join(folder, 'rows.jsonl');
  strict = { tokenizer: join(folder, 'strict'), newTokens: [], trainOn: 'answers' };
  await cp(TOKENIZER, strict.tokenizer, { recursive: true });
  const config = JSON.parse(await readFile(join(TOKENIZER, 'tokenizer_config.json'), 'utf8'));
  const changed = JSON.stringify({ ...config, chat_template: STRICT });
  await writeFile(join(strict.tokenizer, 'tokenizer_config.json'), changed);
  await writeFile(data, Array.from({ length: ROWS }, (_, i) => `${line(i)}\n`).join(''));
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows of every kind, broken ones and such as the template refuses among them. */
function line(i: number): string {
  const words = `Where is order ${i} of the green lamp, `.repeat(3 + (i % 20));
  if (i % 100 === 3) return '{"prompt": ';
  if (i % 100 === 5) return JSON.stringify({ prompt: words, completion: ' ' });
  if (i % 100 === 7) return JSON.stringify({ text: words.repeat(20) });
  if (i % 100 === 9) {
    const turns = ['system', 'user', 'assistant'].map((role) => ({ role, content: `${role} ${i}` }));
    return JSON.stringify({ messages: turns });
  }
  return JSON.stringify({ prompt: words, completion: `<order> ${i} comes é\u{1f600} soon.` });
}

/** Slow enough in this thread that the others take over long before the end. */
function slowly(encode: Encode, calls = { count: 0 }): Encode {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  return (row) => {
    calls.count++;
    Atomics.wait(pause, 0, 0, 5);
    return encode(row);
  };
}

async function build(options: Pick<DatasetOptions, 'encodeRow'> & Partial<DatasetOptions>) {
  const seen: [string, EncodedRow][] = [];
  const store = await buildTokenStore({
    files: [data],
    maxLength: 128,
    onBadRow: 'skip',
    folder: join(folder, 'work'),
    onRow: ({ kind }, encoded) => seen.push([kind, encoded]),
    ...options,
  });
  const rows = await Promise.all(Array.from({ length: store.count }, (_, i) => store.row(i)));
  const { contentHash, stats, profile, hashes, lengths, labelled } = store;
  await store.close();
  return { contentHash, stats, profile, hashes: hashes.toArray(), lengths, labelled, rows, seen };
}

describe.runIf(availableParallelism() > 1)('encoding in threads', () => {
  it.each([
    ['that refuses rows', true, 24],
    ['with new tokens', false, 16],
  ])('gives the same store as alone with a model %s', async (_, isStrict, skipped) => {
    const newTokens = ['<order>'];
    const encoderSource = isStrict
      ? strict
      : { tokenizer: TOKENIZER, newTokens, trainOn: 'answers' as const };
    const encodeRow = await encoderFrom(encoderSource);
    const calls = { count: 0 };
    const alone = await build({ encodeRow });
    const together = await build({ encodeRow: slowly(encodeRow, calls), encoderSource, crew: { longMs: 0 } });
    expect(calls.count).toBeLessThan(ROWS - 100);
    expect(alone.stats.skippedRows).toBe(skipped);
    expect(alone.stats.splitTexts).toBe(8);
    expect(together).toEqual(alone);
  });

  it('stops at the same bad row, and when it is told to', async () => {
    const late = join(folder, 'late.jsonl');
    const good = Array.from({ length: 600 }, () => `${line(1)}\n`).join('');
    await writeFile(late, `${good}${line(9)}\n${line(3)}\n${good}`);
    const encode = await encoderFrom(strict);
    const encodeRow = slowly(encode);
    const common = { encoderSource: strict, crew: { longMs: 0 } };
    const settings = { ...common, files: [late], onBadRow: 'stop' as const };
    const alone = await build({ ...settings, encodeRow: encode, crew: { threads: 0 } }).catch(
      (error) => error,
    );
    expect(alone.message).toMatch(/late\.jsonl:601: The model's chat template refuses/);
    const { code, message, hint } = alone;
    await expect(build({ ...settings, encodeRow })).rejects.toMatchObject({ code, message, hint });

    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('enough'));
    const stopped = build({ ...common, encodeRow, signal: stop.signal, onProgress });
    await expect(stopped).rejects.toThrow('enough');
  });
});

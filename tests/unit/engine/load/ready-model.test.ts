/** Models with tokens that their files do not have: what the tables hold, for tied and other heads, in folders and GGUF files. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../../common/protocol/protocol.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import { writeSafetensors } from '../../../../main/engine/io/safetensors-write.ts';
import {
  type OpenedModel,
  openModel,
  tokenizerOf,
  tokenizerPartsOf,
} from '../../../../main/engine/load/open-model.ts';
import { readParameter } from '../../../../main/engine/load/parameter-pieces.ts';
import {
  sourceOfNumbers,
  withFirstRows,
  withModel,
  withNewRows,
} from '../../../../main/engine/load/ready-model.ts';
import { prepareWeights } from '../../../../main/engine/load/weights.ts';
import type { BaseFormat } from '../../../../main/engine/nn/parameters.ts';
import { exportTiny } from '../../../helpers/export.ts';
import { type TinyFamily, temporaryFolder, writeJson, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const at = (...names: string[]) => path.join(folder, ...names);
const TEXTS = ['<|ticket|>', '<tool>'];

/** A tiny model whose tables have `rows` rows, of which the tokenizer uses 256. */
async function padded(name: string, family: TinyFamily, rows: number): Promise<string> {
  const model = await writeTinyModel(at(name), family);
  const config = JSON.parse(readFileSync(path.join(model, 'config.json'), 'utf8'));
  const file = await openSafetensors(path.join(model, 'model.safetensors'));
  const tensors = [];
  for (const [tensor, { shape }] of file.tensors) {
    const data = await file.readF32(tensor);
    if (!/embed_tokens|wte|lm_head/.test(tensor))
      tensors.push({ name: tensor, dtype: 'f32' as const, shape, data });
    else {
      const larger = new Float32Array(rows * shape[1]!).fill(0.25);
      larger.set(data);
      tensors.push({ name: tensor, dtype: 'f32' as const, shape: [rows, shape[1]!], data: larger });
    }
  }
  await file.close();
  const larger = at(`${name}-padded`);
  mkdirSync(larger, { recursive: true });
  await writeSafetensors(path.join(larger, 'model.safetensors'), tensors, { format: 'pt' });
  writeJson(path.join(larger, 'config.json'), { ...config, vocab_size: rows });
  for (const own of ['tokenizer.json', 'tokenizer_config.json'])
    writeJson(path.join(larger, own), JSON.parse(readFileSync(path.join(model, own), 'utf8')));
  return larger;
}

const larger = async (base: OpenedModel) => withNewRows(base, await tokenizerPartsOf(base), TEXTS);

/** The mean of some rows of a table, in float64. */
function meanOf(table: Float32Array, width: number, ids: readonly number[]): number[] {
  return Array.from({ length: width }, (_, c) =>
    Math.fround(ids.reduce((sum, id) => sum + table[id * width + c]!, 0) / ids.length),
  );
}

describe.each([
  ['llama', 256, ['model.embed_tokens.weight', 'lm_head.weight']],
  ['llama', 257, ['model.embed_tokens.weight', 'lm_head.weight']],
  ['qwen2', 300, ['model.embed_tokens.weight']],
  ['gpt2', 256, ['transformer.wte.weight']],
] as const)('a %s with %i rows', (family, rows, tables) => {
  it('has rows that begin as the mean of what their texts were split into', async () => {
    const base = await openModel(await padded(`${family}-${rows}`, family, rows));
    const opened = await larger(base);
    const before = await tokenizerOf(base);
    const width = base.model.hiddenSize;
    expect(opened.model.newTokens).toEqual({ first: 256, count: 2, stored: rows });
    expect([...opened.outline.tables].sort()).toEqual([...tables].sort());
    const weights = await withFirstRows(await prepareWeights(base, at('cache')), opened);
    for (const name of tables) {
      const stored = await readParameter(base, name);
      const whole = await weights.read(name);
      expect(whole).toHaveLength(Math.max(rows, 258) * width);
      expect(whole.subarray(0, 256 * width)).toEqual(stored.subarray(0, 256 * width));
      expect(whole.subarray(258 * width)).toEqual(stored.subarray(258 * width));
      for (const [i, text] of TEXTS.entries()) {
        const expected = meanOf(stored, width, before.encode(text));
        expect([...whole.subarray((256 + i) * width, (257 + i) * width)]).toEqual(expected);
      }
      const named = weights.source(`${name}.newRows`);
      expect(named).toEqual({ kind: 'memory', data: whole.slice(256 * width, 258 * width) });
      expect(weights.source(name)).toEqual((await prepareWeights(base, at('cache'))).source(name));
    }
    expect((await tokenizerOf(opened)).encode('<tool>')).toEqual([257]);
    await base.store.close();
  });
});

it('is itself without new tokens', async () => {
  const base = await openModel(await writeTinyModel(at('plain')));
  expect(withNewRows(base, await tokenizerPartsOf(base), [])).toBe(base);
  await base.store.close();
});

it('takes them beside a GGUF file, whose quantised rows are read as they are', async () => {
  const model = await writeTinyModel(at('source'), 'qwen2');
  const file = at('tiny.gguf');
  await exportTiny({ model, as: 'gguf', type: 'q8_0', out: file });
  const base = await openModel(file);
  const opened = await larger(base);
  const name = 'model.embed_tokens.weight';
  const stored = await readParameter(base, name);
  const first = await opened.added!.firstRows(name);
  const expected = meanOf(stored, 64, (await tokenizerOf(base)).encode(TEXTS[0]!));
  expect([...first.subarray(0, 64)]).toEqual(expected);
  await base.store.close();
});

it('is refused where the tokenizer has tokens without rows already', async () => {
  const base = await openModel(await writeTinyModel(at('short')));
  const parts = await tokenizerPartsOf(base);
  const flags = { singleWord: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const addedTokens = [...parts.definition.addedTokens, { id: 256, content: '<x>', ...flags }];
  const more = { ...parts, definition: { ...parts.definition, addedTokens } };
  expect(() => withNewRows(base, more, TEXTS)).toThrow(
    'The tokenizer has 257 tokens, but the model knows only 256.',
  );
  await base.store.close();
});

it('stops as its weights are prepared, which takes minutes for large ones', async () => {
  const model = await writeTinyModel(at('stopped'), 'qwen2');
  const stop = new AbortController();
  let told = 0;
  const emit = (event: EngineEvent) => {
    if (event.event !== 'phase' || event.fraction === undefined) return;
    told++;
    stop.abort();
  };
  const config = { model, executor: 'ort', threads: 1 } as const;
  const work = async () => expect.unreachable();
  await expect(withModel(config, emit, work, 'int4', stop.signal)).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(told).toBe(1);
});

it('names settings of a configuration that nobody here knows, to every job', async () => {
  const model = await writeTinyModel(at('twisted'));
  const file = path.join(model, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const warnings = async (change: object) => {
    writeJson(file, { ...config, ...change });
    const events: EngineEvent[] = [];
    const choice = { model, executor: 'ort', threads: 1 } as const;
    await withModel(
      choice,
      (event) => events.push(event),
      async () => {},
    );
    return events.flatMap((event) => (event.event === 'warning' ? event.message : []));
  };
  expect(await warnings({ unsloth_fixed: true, _commit_hash: 'a' })).toEqual([]);
  expect(await warnings({ attention_twist: 2, twisted: true })).toEqual([
    expect.stringContaining("settings that Fettle doesn't know: attention_twist, twisted."),
  ]);
});

describe('what the numbers of a model hang on', () => {
  it('is what computes, not how the settings call it', async () => {
    const model = await writeTinyModel(at('numbers'));
    const named = (choice: Partial<Parameters<typeof withModel>[0]>, format: BaseFormat | null = null) => {
      const config = { model, executor: 'ort', threads: 1, ...choice } as const;
      return withModel(
        config,
        () => {},
        (ready) => sourceOfNumbers(ready, config),
        format,
      );
    };
    const plain = await named({ device: 'cpu', precision: 'f32' });
    expect(await named({ device: 'auto', precision: 'auto' })).toBe(plain);
    expect(await named({}, 16)).toBe(plain);
    const others = [
      await named({ executor: 'reference' }),
      await named({}, 'int4'),
      await named({}, 'int8'),
      await named({ newTokens: TEXTS }),
    ];
    expect(new Set([plain, ...others]).size).toBe(5);
  });
});

/**
 * Exports of tiny models of all families, each proved as a person's export is: GGUF files by llama.cpp, folders by
 * Fettle's own loader.
 */
import childProcess from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../common/errors.ts';
import type { EngineEvent, ExportResult } from '../../common/protocol/protocol.ts';
import { Generator } from '../../main/engine/eval/generator.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { openGguf } from '../../main/engine/io/gguf.ts';
import { openModel, withOpened } from '../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { exportTiny, type TinyExportSource, writeTinyAdapted } from '../helpers/export.ts';
import { doneOf, fettle } from '../helpers/fettle.ts';
import {
  TINY_FAMILIES,
  type TinyFamily,
  temporaryFolder,
  tinyRows,
  writeJson,
  writeRows,
} from '../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const homeBefore = process.env.FETTLE_HOME;
beforeAll(() => {
  process.env.FETTLE_HOME = at('home');
});
afterAll(() => {
  if (homeBefore === undefined) delete process.env.FETTLE_HOME;
  else process.env.FETTLE_HOME = homeBefore;
  remove();
});

const SOURCES = new Map<TinyFamily, Promise<TinyExportSource>>();

/** The tiny model of `family` with its adapter, made once. */
function source(family: TinyFamily): Promise<TinyExportSource> {
  const made = SOURCES.get(family) ?? writeTinyAdapted(folder, family);
  SOURCES.set(family, made);
  return made;
}

/** Log-probabilities may differ by this much. llama.cpp looks the activation of GPT-2 and Gemma up in a table of float16. */
const DRIFT = { f32: { gelu: 0.02, others: 1e-3 }, f16: { gelu: 0.1, others: 0.1 } };
const kindOf = (family: TinyFamily) => (/gpt2|gemma/.test(family) ? 'gelu' : 'others');

function expectEqual({ proof }: ExportResult, by: string, drift: number): void {
  expect(proof).toMatchObject({ by, prompts: 5, equalAnswers: 5, firstDifference: null });
  expectClose(proof, drift);
}

/** Tokens of random weights are often nearly as likely as each other: rounding may then choose another one. */
function expectClose(proof: ExportResult['proof'], drift: number): void {
  expect(proof.equalAnswers).toBeGreaterThanOrEqual(4);
  expect(proof.tokens).toBeGreaterThanOrEqual(5);
  expect(proof.maxLogProbDrift).toBeLessThan(drift);
  expect(proof.tokenizerAgrees).toBe(proof.tokenizerTexts);
  expect(proof.tokenizerTexts).toBe(20);
}

/** The tiny model of `family` with its adapter in it, as a folder. */
async function merged(family: TinyFamily): Promise<string> {
  const { model, adapter } = await source(family);
  const out = at(`${family}-merged`);
  await exportTiny({ model, run: adapter, as: 'safetensors', type: 'f32', out });
  return out;
}

/** Both models give the same logits after a row of tokens. */
async function expectSameLogits(one: string, other: string): Promise<void> {
  const [a, b] = [await logitsOf(one), await logitsOf(other)];
  expect(a).toHaveLength(b.length);
  a.forEach((value, i) => {
    expect(Math.abs(value - b[i]!), `[${i}]`).toBeLessThan(1e-3);
  });
}

async function logitsOf(where: string): Promise<Float32Array> {
  const opened = await openModel(where);
  const weights = await prepareWeights(opened, at('cache'));
  const executor = await openExecutor('ort', { threads: 1 });
  const method = { kind: 'frozen' } as const;
  const generator = new Generator({
    executor,
    model: opened.model,
    weights: weights.source,
    method,
    trained: {},
  });
  const logits = await generator.advance(Array.from({ length: 40 }, (_, i) => (7 * i + 3) % 256));
  await generator.release();
  await opened.store.close();
  return logits;
}

describe.each(TINY_FAMILIES)('%s, merged with an adapter', (family) => {
  it.each(['f32', 'f16'] as const)(
    'answers as a GGUF file of %s in llama.cpp as it was trained to',
    async (type) => {
      const { model, adapter } = await source(family);
      const out = at(`${family}-${type}.gguf`);
      const result = await exportTiny({ model, run: adapter, as: 'gguf', type, out });
      const drift = DRIFT[type][kindOf(family)];
      if (type === 'f32') expectEqual(result, 'llama.cpp', drift);
      else expectClose(result.proof, drift);
      expect(result.files).toEqual(
        ['', '.Modelfile', '.README.md'].map((end) => at(`${family}-${type}${end || '.gguf'}`)).sort(),
      );
      const opened = await openModel(out);
      expect(result.proof.tensors).toBe(opened.store.tensors.size);
      await opened.store.close();
      if (type === 'f32') await expectSameLogits(out, await merged(family));
    },
  );

  it('answers as a GGUF adapter beside its base model as merged', async () => {
    const { model, adapter } = await source(family);
    const out = at(`${family}-lora`);
    const attempt = exportTiny({ model, run: adapter, as: 'gguf', adapterOnly: true, out });
    if (family === 'gemma4')
      return await expect(attempt).rejects.toThrow('adapters to model.per_layer_model_projection');
    const result = await attempt;
    expectEqual(result, 'llama.cpp', DRIFT.f32[kindOf(family)]);
    const gguf = await openGguf(result.files.find((file) => file.endsWith('.gguf'))!);
    expect(gguf.metadata.get('general.type')).toBe('adapter');
    await gguf.close();
    expect(readdirSync(out)).toHaveLength(3);
  });
});

describe('in the engine of the desktop app', () => {
  const { fork } = childProcess;
  const host = process as { parentPort?: object };
  beforeAll(() => {
    host.parentPort = {};
    // a packaged Electron is no Node: what is forked there is a second Fettle
    childProcess.fork = () => {
      throw new Error('A process was forked.');
    };
    syncBuiltinESMExports();
  });
  afterAll(() => {
    delete host.parentPort;
    childProcess.fork = fork;
    syncBuiltinESMExports();
  });

  it('llama.cpp starts without another process, several times', async () => {
    const { model, adapter } = await source('llama');
    for (const type of ['f32', 'f16'] as const) {
      const out = at(`electron-${type}.gguf`);
      const { proof } = await exportTiny({ model, run: adapter, as: 'gguf', type, out });
      expect(proof).toMatchObject({ by: 'llama.cpp', prompts: 5, tokenizerTexts: 20 });
    }
  });
});

describe('folders', () => {
  it.each(['llama', 'qwen3', 'gpt2'] as const)('of %s load with equal answers', async (family) => {
    const { model, adapter } = await source(family);
    const whole = await exportTiny({
      model,
      run: adapter,
      as: 'safetensors',
      type: 'f32',
      out: at(`${family}-hf`),
    });
    expectEqual(whole, 'fettle', 1e-3);
    const lora = await exportTiny({ model, run: adapter, as: 'peft', out: at(`${family}-peft`) });
    expectEqual(lora, 'fettle', 1e-9);
    expect(readdirSync(at(`${family}-peft`)).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    const config = JSON.parse(readFileSync(at(`${family}-peft`, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({ r: 4, lora_alpha: 8, base_model_name_or_path: model });
  });

  it('of 16 bits say so in their configuration', async () => {
    const { model, adapter } = await source('mistral');
    const out = at('mistral-bf16');
    const result = await exportTiny({ model, run: adapter, as: 'safetensors', type: 'bf16', out });
    expect(result.proof.maxLogProbDrift).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(path.join(out, 'config.json'), 'utf8')).dtype).toBe('bfloat16');
    const { store } = await openModel(out);
    expect(new Set([...store.tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['bf16']));
    await store.close();
  });

  it('and back: what came out as GGUF goes in again', async () => {
    const { model } = await source('qwen2');
    const gguf = at('qwen2-base.gguf');
    await exportTiny({ model, as: 'gguf', type: 'f32', out: gguf });
    const again = await exportTiny({ model: gguf, as: 'safetensors', type: 'f32', out: at('qwen2-again') });
    expectEqual(again, 'fettle', 1e-9);
  });
});

describe('quantised files', () => {
  it.each([
    ['llama', 'q8_0', 1],
    ['qwen3', 'q5_1', 3],
    ['gpt2', 'q4_0', 3],
  ] as const)('of %s in %s load, and their drift is stated', async (family, type, most) => {
    const { model } = await source(family);
    const result = await exportTiny({ model, as: 'gguf', type, out: at(`${family}-${type}`) });
    const { proof } = result;
    expect(proof.by).toBe('llama.cpp');
    expect(proof.maxLogProbDrift).toBeGreaterThan(0);
    expect(proof.maxLogProbDrift).toBeLessThan(most);
    expect(proof.equalAnswers === proof.prompts).toBe(proof.firstDifference === null);
    expect(result.proved).toContain(`${proof.equalAnswers} of 5 answers equal`);
    const kept = result.notes.some((note) => note.includes('keep 8 bits'));
    expect(kept).toBe(type !== 'q8_0');
  });
});

/** A copy of the tiny model of `family` with other settings. */
async function changed(name: string, family: TinyFamily, settings: Record<string, unknown>): Promise<string> {
  const { model } = await source(family);
  const copy = at(name);
  cpSync(model, copy, { recursive: true });
  const config = JSON.parse(readFileSync(path.join(model, 'config.json'), 'utf8'));
  writeJson(path.join(copy, 'config.json'), { ...config, ...settings });
  return copy;
}

describe('rotary scalings and windows', () => {
  const original = { rope_theta: 10000, original_max_position_embeddings: 16 };
  it.each([
    ['linear', { rope_theta: 10000, rope_type: 'linear', factor: 4 }],
    ['llama3', { ...original, rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 }],
    ['yarn', { ...original, rope_type: 'yarn', factor: 8, beta_fast: 4, beta_slow: 1 }],
  ])('%s: llama.cpp turns as the model does', async (name, rope_parameters) => {
    const model = await changed(name, 'llama', { rope_parameters });
    const result = await exportTiny({ model, as: 'gguf', type: 'f32', out: at(`${name}.gguf`) });
    expectEqual(result, 'llama.cpp', 1e-3);
    // the frequencies differ from the plain ones at every position, so a file without the scaling could not pass
    const gguf = await openGguf(at(`${name}.gguf`));
    expect(gguf.tensors.has('rope_freqs.weight')).toBe(name === 'llama3');
    expect(gguf.metadata.get('llama.rope.scaling.type')).toBe(name === 'llama3' ? undefined : name);
    await gguf.close();
  });

  it.each([
    ['window', 'mistral', { sliding_window: 96 }],
    [
      'dynamic',
      'llama',
      {
        max_position_embeddings: 96,
        rope_parameters: { rope_theta: 10000, rope_type: 'dynamic', factor: 2 },
      },
    ],
  ] as const)('a %s that llama.cpp lacks is kept out of reach', async (name, family, settings) => {
    const model = await changed(name, family, settings);
    const result = await exportTiny({ model, as: 'gguf', type: 'f32', out: at(`${name}.gguf`) });
    expectEqual(result, 'llama.cpp', 1e-3);
    expect(result.notes.join()).toContain('reads at most 96 tokens');
    const gguf = await openGguf(at(`${name}.gguf`));
    expect(gguf.metadata.get('llama.context_length')).toBe(96);
    await gguf.close();
  });

  it('that llama.cpp has not are refused by name', async () => {
    const factors = Array(8).fill(1.5);
    const rope_parameters = {
      ...original,
      rope_type: 'longrope',
      short_factor: factors,
      long_factor: factors,
    };
    const attempt = exportTiny({
      model: await changed('long', 'llama', { rope_parameters }),
      as: 'gguf',
      out: at('long.gguf'),
    });
    await expect(attempt).rejects.toThrow('rotary scaling of the type longrope');
    expect(
      readdirSync(folder).filter((name) => name.startsWith('long.gguf') || name.startsWith('.long')),
    ).toEqual([]);
  });
});

describe('a run', () => {
  it('is exported with what it was trained on and what it reached', async () => {
    const { model } = await source('llama');
    const rows = tinyRows(40).map((row) => {
      const { messages } = row as { messages: unknown[] };
      return { messages: [{ role: 'system', content: 'You are a farm.' }, ...messages] };
    });
    const data = writeRows(at('rows.jsonl'), rows);
    const lengths = [
      '--max-length',
      '96',
      '--threads',
      '1',
      '--max-steps',
      '3',
      '--rank',
      '2',
      '--no-assess',
    ];
    const options = { env: { FETTLE_HOME: at('home') } };
    doneOf(
      await fettle(
        ['train', '--model', model, '--data', data, '--out', at('run'), ...lengths, '--json'],
        options,
      ),
    );

    const args = [
      'export',
      '--run',
      at('run'),
      '--as',
      'gguf',
      '--type',
      'f16',
      '--out',
      at('run-gguf'),
      '--threads',
      '1',
    ];
    const { out, err, code } = await fettle([...args, '--json'], options);
    expect(code, err).toBe(0);
    const result = JSON.parse(out) as ExportResult;
    expect(result.proof).toMatchObject({ by: 'llama.cpp', promptSource: 'held-out rows', prompts: 4 });
    expect(result.name).toBe('llama-run');
    const card = readFileSync(at('run-gguf', 'README.md'), 'utf8');
    expect(card).toMatch(/^---\nbase_model: llama\n/);
    expect(card).toContain('| rank, alpha | 2, 4 |');
    expect(card).toMatch(/\| rows, SHA-256 of their content \| `[0-9a-f]{64}` \|/);
    expect(card).toContain('| rows | 36 trained on, 4 held out |');
    expect(card).toMatch(/\| loss on held-out rows \| \d\.\d{4} \| \d\.\d{4} \|/);
    expect(readFileSync(at('run-gguf', 'Modelfile'), 'utf8')).toContain('SYSTEM """You are a farm."""');

    const again = await fettle(args, options);
    expect(again.code).toBe(2);
    expect(again.err).toContain('is there already');
  });

  it('whose rows have changed since then gives neither their hash nor their prompts', async () => {
    const data = at('rows.jsonl');
    writeFileSync(data, readFileSync(data, 'utf8').replace('a farm', 'a barn'));
    const warnings: string[] = [];
    const emit = (event: EngineEvent) => event.event === 'warning' && warnings.push(event.message);
    const { proof } = await exportTiny({ run: at('run'), as: 'peft', out: at('later') }, { emit });
    expect(proof.promptSource).toBe('neutral texts');
    expect(warnings.join()).toContain('other rows now than the run was trained on');
    expect(readFileSync(at('later', 'README.md'), 'utf8')).not.toContain('SHA-256');
  });

  it('that is not one, or has no adapter, is refused in words', async () => {
    const { model, adapter } = await source('llama');
    const refused = (config: Parameters<typeof exportTiny>[0]) => exportTiny(config);
    const out = at('refused');
    await expect(refused({ run: adapter, as: 'peft', out })).rejects.toThrow(
      'which needs the model it was trained on',
    );
    await expect(refused({ run: at('home'), as: 'peft', out })).rejects.toMatchObject({ code: 'no-run' });
    await expect(refused({ model, as: 'peft', out })).rejects.toThrow('is a full model');
    await expect(refused({ model, as: 'peft', type: 'q8_0', out })).rejects.toMatchObject({
      code: 'bad-config',
    });
  });
});

describe('an export', () => {
  it('that is stopped in the middle leaves nothing', async () => {
    const { model, adapter } = await source('llama');
    for (const stopAt of ['writing weights', 'reading it back', 'asking the export in llama.cpp']) {
      const controller = new AbortController();
      const out = at('stopped', 'x.gguf');
      mkdirSync(at('stopped'), { recursive: true });
      const attempt = exportTiny(
        { model, run: adapter, as: 'gguf', out },
        {
          stop: controller.signal,
          emit: (event) => {
            if (event.event === 'phase' && event.detail === stopAt) controller.abort();
          },
        },
      );
      await expect(attempt).rejects.toMatchObject({ code: 'stopped' });
      expect(readdirSync(at('stopped')), stopAt).toEqual([]);
    }
  });

  it('clears away what a killed one has left, and nothing else', async () => {
    const { model } = await source('llama');
    const parent = at('killed');
    mkdirSync(path.join(parent, '.x.999999999.0123456789ab.partial', 'deep'), { recursive: true });
    mkdirSync(path.join(parent, '.y.999999999.0123456789ab.partial'));
    await exportTiny({ model, as: 'safetensors', type: 'f32', out: path.join(parent, 'x') });
    expect(readdirSync(parent).sort()).toEqual(['.y.999999999.0123456789ab.partial', 'x']);
  });

  it('overwrites nothing', async () => {
    const { model } = await source('llama');
    mkdirSync(at('there'));
    writeFileSync(at('there', 'mine.txt'), 'mine');
    writeFileSync(at('mine.Modelfile'), 'mine');
    const folderTaken = exportTiny({ model, as: 'safetensors', out: at('there') });
    await expect(folderTaken).rejects.toMatchObject({ code: 'file-exists' });
    const fileTaken = exportTiny({ model, as: 'gguf', out: at('mine.gguf') });
    await expect(fileTaken).rejects.toMatchObject({ code: 'file-exists' });
    expect(readFileSync(at('mine.Modelfile'), 'utf8')).toBe('mine');
    expect(existsSync(at('mine.gguf'))).toBe(false);
  });

  it('to where no folder can be is refused before anything is loaded', async () => {
    const { model } = await source('llama');
    writeFileSync(at('file'), '');
    for (const out of [at('file', 'x'), at('file', 'deep', 'x.gguf')]) {
      const events: EngineEvent[] = [];
      const attempt = exportTiny({ model, as: 'gguf', out }, { emit: (event) => events.push(event) });
      await expect(attempt).rejects.toMatchObject({ code: 'path-unusable' });
      expect(events).toEqual([]);
    }
  });

  it('asks for the room it needs before it begins', async () => {
    const { model, adapter } = await source('llama');
    const asked: [string, number][] = [];
    const requireSpace = async (where: string, bytes: number) => {
      asked.push([where, bytes]);
      throw new AppError('disk-full', 'The disk is full.', 'Free some space.');
    };
    const attempt = exportTiny(
      { model, run: adapter, as: 'gguf', type: 'f32', out: at('full.gguf') },
      { requireSpace },
    );
    await expect(attempt).rejects.toMatchObject({ code: 'disk-full' });
    const weights = 4 * (await withOpened(model, async ({ outline }) => outline.parameterCount));
    expect(asked).toHaveLength(1);
    expect(asked[0]![0]).toBe(folder);
    expect(asked[0]![1]).toBeGreaterThan(weights);
    expect(asked[0]![1]).toBeLessThan(weights + 2 ** 26);
    expect(readdirSync(folder).filter((name) => name.includes('full'))).toEqual([]);
  });

  it('of what llama.cpp does not have is refused by name', async () => {
    const { model } = await source('gpt2');
    const odd = at('odd');
    mkdirSync(odd);
    for (const name of readdirSync(model))
      writeFileSync(path.join(odd, name), readFileSync(path.join(model, name)));
    const config = JSON.parse(readFileSync(path.join(model, 'config.json'), 'utf8'));
    writeJson(path.join(odd, 'config.json'), { ...config, scale_attn_by_inverse_layer_idx: true });
    const attempt = exportTiny({ model: odd, as: 'gguf', out: at('odd.gguf') });
    await expect(attempt).rejects.toMatchObject({ code: 'export-unsupported' });
    await expect(attempt).rejects.toThrow('scale_attn_by_inverse_layer_idx');
  });
});

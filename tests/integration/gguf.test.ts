/**
 * A real model in a GGUF file is trained, measured with its adapter, and asked before and after. A tiny one that llama.cpp has
 * quantised to Q4_K_M answers as it does there.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvalResult, ExportResult, GenerateResult } from '../../common/protocol/protocol.ts';
import { openLlama } from '../../main/engine/chat/llama.ts';
import { decoderOf } from '../../main/engine/eval/cached-decoder.ts';
import { answersOf, Generator } from '../../main/engine/eval/generator.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { openModel, tokenizerOf } from '../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { doneOf, fettle } from '../helpers/fettle.ts';
import { temporaryFolder, tinyRows, writeRows } from '../helpers/tiny-model.ts';

const MODEL = path.join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'shared',
  'models',
  'SmolLM2-135M-Instruct.Q4_1.gguf',
);
const isThere = existsSync(MODEL);
if (!isThere) console.warn('skipped: SmolLM2-135M-Instruct.Q4_1.gguf is not in ../shared/models');

const { folder, remove } = temporaryFolder();
const at = (name: string) => path.join(folder, name);
const data = at('rows.jsonl');
// the float32 copy of the weights takes half a gigabyte: it is made here, and goes with the test
const options = { env: { FETTLE_HOME: at('home') } };
const LENGTHS = ['--max-length', '64', '--json'];

beforeAll(() => {
  writeRows(data, tinyRows(24));
});
afterAll(() => remove());

describe('a file of Q4_K_M', () => {
  const file = path.join(import.meta.dirname, '..', 'golden', 'data', 'gguf', 'q4_k_m.gguf');

  it('answers as in llama.cpp, which quantised it, from blocks of all its types', async () => {
    const opened = await openModel(file);
    const types = new Set([...opened.store.tensors.values()].map(({ dtype }) => dtype));
    expect(types).toEqual(new Set(['f32', 'Q4_K', 'Q5_0', 'Q6_K', 'Q8_0']));
    const tokenizer = await tokenizerOf(opened);
    const executor = await openExecutor('ort', { threads: 1 });
    const weights = await prepareWeights(opened, at('cache'));
    const generator = new Generator(decoderOf({ opened, executor, weights }));
    const { stopIds } = tokenizer;
    const llama = await openLlama({ file, threads: 1, contextSize: 128, stopIds });
    for (const [animal, sound] of Object.entries({ cat: 'meow', dog: 'woof', owl: 'hoot' })) {
      const question = { role: 'user', content: `2 ${animal} 7` } as const;
      const prompt = tokenizer.encode(tokenizer.chat!.render([question], { addGenerationPrompt: true }));
      const said = [];
      for (const answers of [answersOf(generator, stopIds), llama]) {
        const ids: number[] = [];
        for await (const { id } of answers.steps(prompt, 24)) ids.push(id);
        said.push(tokenizer.decode(ids));
      }
      expect(said).toEqual(Array(2).fill(expect.stringContaining(`${sound} ${sound}`)));
      expect(said[0]).toBe(said[1]);
    }
    await generator.release();
    await llama.close();
    await opened.store.close();
  });
});

describe.skipIf(!isThere)('a model in a GGUF file', () => {
  it('is trained by a few LoRA steps, which its loss and its answer show', async () => {
    const out = at('lora');
    const args = ['train', '--model', MODEL, '--data', data, '--out', out, ...LENGTHS, '--no-assess'];
    // as `fettle eval` computes
    const settings = [
      '--precision',
      'f32',
      '--tokens-per-micro-batch',
      '128',
      '--max-steps',
      '3',
      '--warmup-steps',
      '0',
      '--learning-rate',
      '2e-3',
      '--held-out',
      '4',
    ];
    const done = doneOf(await fettle([...args, ...settings], options));
    expect(done.heldOutLossBefore).toBeGreaterThan(2);
    expect(done.heldOutLoss).toBeLessThan(done.heldOutLossBefore! - 0.5);

    const split = ['--split', 'held-out', '--held-out', '4', ...LENGTHS];
    const measured = await fettle(
      ['eval', '--model', MODEL, '--adapter', out, '--data', data, ...split],
      options,
    );
    expect((JSON.parse(measured.out) as EvalResult).loss).toBeCloseTo(done.heldOutLoss!, 5);

    const ask = [
      'generate',
      '--model',
      MODEL,
      '--prompt',
      'What is the capital of France?',
      '--max-new-tokens',
      '8',
      '--json',
    ];
    const plain = JSON.parse((await fettle(ask, options)).out) as GenerateResult;
    expect(plain.text).toContain('Paris');
    const adapted = JSON.parse((await fettle([...ask, '--adapter', out], options)).out) as GenerateResult;
    expect(adapted.text).not.toBe(plain.text);
  });

  it('is exported as another GGUF file that llama.cpp answers from as it should', async () => {
    const out = at('exported.gguf');
    const args = ['export', '--model', MODEL, '--as', 'gguf', '--type', 'f16', '--out', out, '--json'];
    const { out: printed, err, code } = await fettle(args, options);
    expect(code, err).toBe(0);
    const { proof } = JSON.parse(printed) as ExportResult;
    expect(proof).toMatchObject({
      by: 'llama.cpp',
      prompts: 5,
      equalAnswers: 5,
      tokenizerAgrees: 20,
      tensors: 272,
    });
    expect(proof.maxLogProbDrift).toBeLessThan(0.1);
  });
});

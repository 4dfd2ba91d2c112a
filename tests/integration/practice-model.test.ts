/** The practice model as it ships: its size, its files, and the scores that its card tells, measured again. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePrompt } from '../../main/engine/data/tokens/encode.ts';
import { isRight, parsePassages, parseQuiz } from '../../main/engine/eval/assess/general-quiz.ts';
import { generateAll } from '../../main/engine/eval/batch-generator.ts';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { withModel } from '../../main/engine/load/ready-model.ts';

const FOLDER = path.resolve(import.meta.dirname, '..', '..', 'resources', 'practice-model');
const read = (name: string) => fs.readFileSync(path.join(FOLDER, name), 'utf8');

describe('the practice model', () => {
  it('has 4 to 8 million weights in float16, in at most 20 MB', async () => {
    const file = await openSafetensors(path.join(FOLDER, 'model.safetensors'));
    const tensors = [...file.tensors.values()];
    await file.close();
    const weights = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(weights).toBeGreaterThan(4e6);
    expect(weights).toBeLessThan(8e6);
    expect(new Set(tensors.map(({ dtype }) => dtype))).toEqual(new Set(['f16']));
    expect(fs.statSync(path.join(FOLDER, 'model.safetensors')).size).toBeLessThan(20e6);
  });

  it('brings a quiz, passages and rows to replay', () => {
    expect(parseQuiz(read('quiz.jsonl'), 'quiz.jsonl').length).toBeGreaterThanOrEqual(240);
    expect(parsePassages(read('passages.jsonl'), 'passages.jsonl')).toHaveLength(60);
    expect(read('replay.jsonl').trimEnd().split('\n').length).toBeGreaterThanOrEqual(500);
  });

  it('answers as many items of the quiz as its card says', async () => {
    const items = parseQuiz(read('quiz.jsonl'), 'quiz.jsonl');
    const right = await withModel(
      { model: FOLDER, executor: 'ort', threads: 1 },
      () => {},
      async (ready) => {
        const { opened, tokenizer, executor, weights } = ready;
        const frozen = { method: { kind: 'frozen' as const }, trained: {} };
        const requests = items.map(({ question }) => ({
          prompt: encodePrompt(tokenizer, [{ role: 'user', content: question }]),
          maxNewTokens: 48,
        }));
        const parts = { executor, model: opened.model, weights: weights.source, ...frozen };
        const answers = await generateAll(parts, requests, { stopIds: tokenizer.stopIds });
        return answers.filter(({ ids }, i) => isRight(items[i]!, tokenizer.decode(ids))).length;
      },
    );
    expect(right / items.length).toBeGreaterThanOrEqual(0.89);
    const [, said] = /\*\*all\*\* \| \*\*(\d+) of/.exec(read('README.md')) ?? [];
    // another processor may round one answer differently
    expect(Math.abs(right - Number(said))).toBeLessThanOrEqual(2);
  });
});

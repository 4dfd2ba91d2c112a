/** Turns a training run of the practice model into what ships: half precision, its quiz, its scores, its card. */
import fs from 'node:fs';
import path from 'node:path';
import { parseEvalConfig } from '../../main/engine/config/config.ts';
import { encodePrompt } from '../../main/engine/data/tokens/encode.ts';
import { isRight } from '../../main/engine/eval/assess/general-quiz.ts';
import { generateAll } from '../../main/engine/eval/batch-generator.ts';
import { decoderOf } from '../../main/engine/eval/cached-decoder.ts';
import { toHalves } from '../../main/engine/io/convert.ts';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { writeSafetensors } from '../../main/engine/io/safetensors-write.ts';
import { withModel } from '../../main/engine/load/ready-model.ts';
import { evaluate } from '../../main/engine/session/session.ts';
import { card, type TopicScore } from './card.ts';
import { seeded, shuffled } from './draw.ts';
import { CONFIG } from './model-files.ts';
import { shopQuiz, shopSamples } from './shop/index.ts';
import { type QuizItem, worldHeldOutPassages, worldQuiz, worldSamples } from './world/index.ts';

const REPLAY_ROWS = 600;

/** The folders of what has been made: the trained model, the run of each stage and the stage its state was blended with, rows that no stage has seen. */
export interface Made {
  readonly trained: string;
  readonly stages: readonly { readonly run: string; readonly meanWith?: number | undefined }[];
  readonly heldOut: string;
  readonly out: string;
}

/** Writes the model in `trained` to `out` and measures there what was written. */
export async function finish({ trained, stages, heldOut: rows, out }: Made): Promise<void> {
  fs.mkdirSync(out, { recursive: true });
  await writeHalf(path.join(trained, 'model.safetensors'), path.join(out, 'model.safetensors'));
  fs.writeFileSync(
    path.join(out, 'config.json'),
    `${JSON.stringify({ ...CONFIG, dtype: 'float16' }, null, 2)}\n`,
  );
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json'])
    fs.copyFileSync(path.join(trained, name), path.join(out, name));
  const items = [...worldQuiz(seeded(5001)), ...shopQuiz(seeded(5002))];
  writeLines(path.join(out, 'quiz.jsonl'), items.map(quizItem));
  writeLines(
    path.join(out, 'passages.jsonl'),
    worldHeldOutPassages(seeded(1002)).map((passage, i) => ({ id: `passage-${i + 1}`, ...passage })),
  );
  const replay = [
    ...worldSamples(seeded(6001), REPLAY_ROWS * 0.7),
    ...shopSamples(seeded(6002), REPLAY_ROWS * 0.3),
  ];
  writeLines(
    path.join(out, 'replay.jsonl'),
    shuffled(seeded(6003), replay).map(({ messages }) => ({ messages })),
  );
  const scores = await takeQuiz(out, items);
  const io = { emit: () => {}, stop: new AbortController().signal };
  const heldOut = await evaluate(
    parseEvalConfig({
      model: out,
      data: rows,
      trainOn: 'answers',
      maxLength: 256,
    }),
    io,
  );
  const bytes = fs.statSync(path.join(out, 'model.safetensors')).size;
  const runs = stages.map(({ run, meanWith }) => {
    const { steps, trainedTokens } = JSON.parse(fs.readFileSync(path.join(run, 'result.json'), 'utf8')) as {
      steps: number;
      trainedTokens: number;
    };
    return { steps, trainedTokens, meanWith };
  });
  fs.writeFileSync(path.join(out, 'README.md'), card({ scores, heldOut, bytes, runs }));
  const [right, all] = [total(scores, 'right'), total(scores, 'items')];
  console.log(
    `quiz: ${right} of ${all} right (${((100 * right) / all).toFixed(1)} %), loss ${heldOut.loss.toFixed(4)}`,
  );
  for (const { topic, right, items } of scores) console.log(`  ${topic}: ${right} of ${items}`);
}

/** An item as quiz.jsonl has it. */
function quizItem(item: QuizItem, index: number) {
  return { id: `practice-${String(index + 1).padStart(3, '0')}`, ...item, match: 'exact' as const };
}

function total(scores: readonly TopicScore[], what: 'right' | 'items'): number {
  return scores.reduce((sum, score) => sum + score[what], 0);
}

function writeLines(file: string, rows: readonly unknown[]): void {
  fs.writeFileSync(file, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
}

async function writeHalf(from: string, to: string): Promise<void> {
  const source = await openSafetensors(from);
  const tensors = [...source.tensors.values()].map(({ name, shape }) => ({
    name,
    dtype: 'f16' as const,
    shape,
    data: async function* () {
      yield toHalves(await source.readF32(name));
    },
  }));
  await writeSafetensors(to, tensors, { format: 'pt' });
  await source.close();
}

/** Asks the model in `folder` every item, one answer each, and shows the wrong ones. */
async function takeQuiz(folder: string, items: readonly QuizItem[]): Promise<TopicScore[]> {
  const answers = await withModel(
    { model: folder, executor: 'ort', threads: 2 },
    () => {},
    async (model) => {
      const { tokenizer } = model;
      const requests = items.map(({ question }) => ({
        prompt: encodePrompt(tokenizer, [{ role: 'user', content: question }]),
        maxNewTokens: 48,
      }));
      const texts = await generateAll(decoderOf(model), requests, { stopIds: tokenizer.stopIds });
      return texts.map(({ ids }) => tokenizer.decode(ids));
    },
  );
  const scores = new Map<string, { topic: string; right: number; items: number }>();
  items.forEach(({ topic, question, answers: accepted }, i) => {
    const score = scores.get(topic) ?? { topic, right: 0, items: 0 };
    const right = isRight(quizItem(items[i]!, i), answers[i]!);
    scores.set(topic, { ...score, right: score.right + Number(right), items: score.items + 1 });
    if (!right)
      console.log(`wrong (${topic}): ${question}\n  said ${answers[i]}\n  wanted ${accepted.join(' | ')}`);
  });
  return [...scores.values()];
}

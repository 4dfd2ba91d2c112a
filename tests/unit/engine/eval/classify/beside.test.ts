/** Answers scored side by side: what is compiled for them, and that it changes no score. */
import { expect, it } from 'vitest';
import { SideBySide } from '../../../../../main/engine/eval/classify/beside.ts';
import type { Program } from '../../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../../main/engine/exec/registry.ts';
import { noise, tinyModel } from '../../../../helpers/graphs.ts';

const executor = await openExecutor('ort', { threads: 1 });

const ids = (count: number, seed: number) => [...noise(count, seed)].map((x) => Math.floor((x + 1) * 25));

/** A scorer that tells of its programs: places for labels of each that was compiled, and how many lived at once. */
function scorer() {
  const { model, source } = tinyModel({ max_position_embeddings: 1024 });
  const labels: number[] = [];
  let [alive, most] = [0, 0];
  const compile: typeof executor.compile = async (graph, options) => {
    const program: Program = await executor.compile(graph, options);
    labels.push(graph.inputs.get('targets')!.shape[0]!);
    most = Math.max(most, ++alive);
    return { run: program.run.bind(program), release: () => program.release().then(() => void alive--) };
  };
  const parts = { model, weights: source, method: { kind: 'frozen' as const }, trained: {} };
  const beside = new SideBySide({ ...parts, executor: { ...executor, compile } });
  return { beside, labels, most: () => most, alive: () => alive };
}

const few = [[1], [2], [3]];
const many = Array.from({ length: 40 }, (_, i) => [4, i, 5]);

it('computes labels for the answers that are asked, not as many for each prompt as the longest list has', async () => {
  const { beside, labels } = scorer();
  const prompts = Array.from({ length: 21 }, (_, i) => ids(12, i));
  // of one prompt 81 labels, of twenty others three each
  const answers = prompts.map((_, i) => (i === 7 ? many : few));
  const scores = await beside.score(prompts, answers, () => true);
  expect(labels).toEqual([192]);
  const alone = await Promise.all(
    [6, 7].map(async (i) => {
      const own = scorer().beside;
      const [score] = await own.score([prompts[i]!], [answers[i]!], () => true);
      await own.release();
      return score!;
    }),
  );
  await beside.release();
  for (const [place, i] of [6, 7].entries())
    for (const [answer, score] of scores[i]!.entries()) expect(score).toBeCloseTo(alone[place]![answer]!, 4);
});

it('gives the program of one shape back before it compiles the next, and keeps one that serves', async () => {
  const { beside, labels, most, alive } = scorer();
  for (const length of [20, 20, 300, 700, 20]) await beside.score([ids(length, length)], [few], () => true);
  expect(labels).toHaveLength(3);
  expect([most(), alive()]).toEqual([1, 1]);
  await beside.release();
  expect(alive()).toBe(0);
});

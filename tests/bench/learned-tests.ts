/**
 * What a sorter gains by learning its test rows, too, once they have judged it: `node tests/bench/learned-tests.ts --data FOLDER --encoder
 * FOLDER`. Of tasks with categories, the share of other rows that the sorter before and the sorter after get right, for three splits.
 */
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseSorterConfig } from '../../main/engine/config/config.ts';
import { placeIn } from '../../main/engine/eval/classify/closed-set.ts';
import { likeliest } from '../../main/engine/eval/generator.ts';
import { answerScores } from '../../main/engine/eval/rivals/answer-counter.ts';
import { headAnswerScores } from '../../main/engine/eval/rivals/answer-head.ts';
import { climb, type Ways } from '../../main/engine/eval/rivals/ladder.ts';
import type { MeasuredSorter } from '../../main/engine/eval/rivals/rung.ts';
import { openTextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { encoderIn } from '../../main/engine/load/find-encoders.ts';
import { readRows } from '../../main/engine/session/sorter-rows.ts';
import { poolsIn, type Row, tasksIn } from './task-data.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, encoder: { type: 'string' }, tasks: { type: 'string' } },
});
const { data, encoder: encoderFolder, tasks } = values;
if (!data || !encoderFolder) throw new Error('Give --data FOLDER and --encoder FOLDER.');

const SEEDS = [42, 43, 44];
const io = {
  threads: 1,
  stop: new AbortController().signal,
  phase: () => {},
  skipped: () => {},
  rung: () => {},
  emit: () => {},
};

const encoder = (await encoderIn(encoderFolder))!;
const open = await openTextVectors(encoderFolder, 1);
const others = new Map<string, Promise<Float32Array[]>>();
const WAYS: Readonly<Record<string, Ways>> = {
  words: { words: true, encoders: [], training: 'never' },
  vectors: { words: false, encoders: [encoder], training: 'never' },
};

/** The share of `asked` that `sorter` gets right. */
async function rightOf(task: string, sorter: MeasuredSorter, asked: readonly Row[]): Promise<number> {
  const texts = asked.map(({ prompt }) => prompt);
  if (sorter.method === 'vectors' && !others.has(task)) others.set(task, open.of(texts));
  const [answers, scores] =
    sorter.method === 'words'
      ? [sorter.counter.answers, answerScores(sorter.counter, texts)]
      : [sorter.head.answers, headAnswerScores(sorter.head, await others.get(task)!)];
  const place = placeIn(answers);
  const right = scores.filter((own, i) => likeliest(own) === place(asked[i]!.answer)).length;
  return right / asked.length;
}

const folder = await fs.mkdtemp(path.join(tmpdir(), 'learned-tests-'));
const all = poolsIn(data).flatMap(({ test }) => test as readonly Row[]);
for (const { name, kind, train, test } of tasksIn(data)) {
  if (kind !== 'category' || (tasks && !tasks.split(',').includes(name))) continue;
  const own = train as readonly Row[];
  const answers = new Set(own.map(({ answer }) => answer));
  const drawn = all.filter(({ answer }) => answers.has(answer));
  const asked = drawn.length > test.length ? drawn : (test as readonly Row[]);
  const file = path.join(folder, `${name}.jsonl`);
  await fs.writeFile(file, own.map((row) => `${JSON.stringify(row)}\n`).join(''));
  for (const [way, ways] of Object.entries(WAYS))
    for (const seed of SEEDS) {
      const config = parseSorterConfig({ data: file, seed, out: path.join(folder, 'out') });
      const { skippedRows: _, kinds: __, sets: ___, ...rows } = await readRows(config, io);
      const rights: number[] = [];
      for (const learnsAsked of [false, true])
        rights.push(await rightOf(name, (await climb({ ...rows, learnsAsked }, ways, io)).best, asked));
      const [before, after] = rights;
      const line = { task: name, way, seed, learned: rows.taught.length, asked: asked.length, before, after };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
}
await open.close();
await fs.rm(folder, { recursive: true });

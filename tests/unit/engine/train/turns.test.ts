/** Programs that hold a copy of the weights each take turns where these are large: one of them at a time, and the numbers are the same. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { type Executor, TURNS_FROM_BYTES, takeTurns } from '../../../../main/engine/exec/executor.ts';
import { openReadyModel } from '../../../../main/engine/load/ready-model.ts';
import { trainModel } from '../../../../main/engine/train/train-model.ts';
import { temporaryFolder, tinyRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
let model: string;
let data: string;

beforeAll(async () => {
  model = await writeTinyModel(path.join(folder, 'model'));
  data = path.join(folder, 'rows.jsonl');
  writeFileSync(
    data,
    tinyRows(40)
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
});
afterAll(remove);

/** The executor with a count of the programs with frozen weights that are there at once. */
function counting(executor: Executor, turnsFromBytes?: number) {
  let [now, most, trainings] = [0, 0, 0];
  const counted: Executor = {
    ...executor,
    ...(turnsFromBytes !== undefined && { turnsFromBytes }),
    async compile(graph, options) {
      const program = await executor.compile(graph, options);
      if (graph.weights.size === 0) return program;
      if ([...graph.outputs.keys()].some((name) => name.startsWith('grad.'))) trainings++;
      most = Math.max(most, ++now);
      const release = async () => {
        now--;
        await program.release();
      };
      return { run: (inputs, into) => program.run(inputs, into), release };
    },
  };
  return { executor: counted, found: () => ({ most, left: now, trainings }) };
}

async function train(name: string, turnsFromBytes?: number) {
  const config = parseRunConfig({
    ...{
      model,
      data,
      out: path.join(folder, name),
      method: 'lora',
      learningRate: 5e-3,
      threads: 1,
      assess: false,
    },
    ...{ maxSteps: 6, evalEvery: 2, heldOut: 0.2, tokensPerMicroBatch: 128, maxLength: 128 },
    samplePrompts: ['What does the cat say?', 'And two dogs?'],
  });
  const ready = await openReadyModel(config, () => {});
  const { executor, found } = counting(ready.executor, turnsFromBytes);
  const events: EngineEvent[] = [];
  try {
    await trainModel(
      config,
      { emit: (event) => events.push(event), stop: new AbortController().signal, resume: false },
      { ...ready, executor },
    );
  } finally {
    await ready.opened.store.close();
  }
  const said = events.flatMap((event): (readonly [string, number | string])[] => {
    if (event.event === 'step' || event.event === 'eval')
      return [[`${event.event} ${event.step}`, event.loss]];
    return event.event === 'sample' ? [[event.prompt, event.text]] : [];
  });
  return { said, ...found() };
}

describe('programs that take turns', () => {
  it('are there one at a time, give the same numbers and answers, and leave nothing behind', async () => {
    const together = await train('together');
    const apart = await train('apart', 1);
    expect(together.most).toBeGreaterThan(2);
    expect(apart.most).toBe(1);
    // before the first step, the second, the third and the fifth: between them there are evaluations
    expect([together.trainings, apart.trainings]).toEqual([1, 4]);
    expect([together.left, apart.left]).toEqual([0, 0]);
    expect(apart.said).toHaveLength(together.said.length);
    apart.said.forEach(([about, value], i) => {
      const [same, expected] = together.said[i]!;
      expect(about).toBe(same);
      if (typeof expected === 'number') expect(value).toBeCloseTo(expected, 5);
      else expect(value).toBe(expected);
    });
  });

  it('do so only where each has a copy, and from a size on', () => {
    expect(takeTurns({}, 1e12)).toBe(false);
    const card = { turnsFromBytes: TURNS_FROM_BYTES };
    expect([takeTurns(card, TURNS_FROM_BYTES - 1), takeTurns(card, TURNS_FROM_BYTES)]).toEqual([false, true]);
  });
});

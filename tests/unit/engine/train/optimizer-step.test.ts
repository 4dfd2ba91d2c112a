/** What an optimizer step feeds and reports, against the gradients that the executor computed: per labelled token, with a new dropout mask each time. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import type { Executor } from '../../../../main/engine/exec/executor.ts';
import { openReadyModel } from '../../../../main/engine/load/ready-model.ts';
import { trainModel } from '../../../../main/engine/train/train-model.ts';
import { temporaryFolder, tinyRows, writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

/** One micro-batch of a training step, as the executor got it. */
interface MicroBatch {
  readonly dropoutSeed: number;
  /** Labelled tokens, counted from the weights that the loss is given. */
  readonly labelled: number;
  /** Tokens that are not padding. */
  readonly tokens: number;
  /** Squares of the accumulated gradient, added up. */
  readonly squares: number;
}

const { folder, remove } = temporaryFolder();
const batches: MicroBatch[] = [];
let steps: Extract<EngineEvent, { event: 'step' }>[];

const [STEPS, ACCUMULATION] = [4, 2];

/** The executor, with a record of the micro-batches that gradients are computed of. */
function recording(executor: Executor): Executor {
  return {
    ...executor,
    async compile(graph, options) {
      const program = await executor.compile(graph, options);
      if (![...graph.outputs.keys()].some((name) => name.startsWith('grad.'))) return program;
      return {
        release: () => program.release(),
        async run(inputs, into) {
          const result = await program.run(inputs, into);
          const weights = inputs.weights as Float32Array;
          let squares = 0;
          for (const [name, tensor] of Object.entries(into!))
            if (name.startsWith('grad.'))
              for (const value of await tensor.read()) squares += Number(value) ** 2;
          batches.push({
            dropoutSeed: (inputs.dropoutSeed as Int32Array)[0]!,
            labelled: weights.reduce((sum, weight) => sum + weight, 0),
            tokens: (inputs.segments as Int32Array).filter((segment) => segment >= 0).length,
            squares,
          });
          return result;
        },
      };
    },
  };
}

beforeAll(async () => {
  const model = await writeTinyModel(path.join(folder, 'model'));
  const config = parseRunConfig({
    model,
    data: writeRows(path.join(folder, 'rows.jsonl'), tinyRows(60)),
    out: path.join(folder, 'run'),
    method: 'lora',
    ...{ lora: { dropout: 0.2 }, trainOn: 'answers', maxSteps: STEPS, gradientAccumulation: ACCUMULATION },
    ...{ tokensPerMicroBatch: 128, maxLength: 128, threads: 1, assess: false, heldOut: 0, logEvery: 1 },
  });
  const ready = await openReadyModel(config, () => {});
  const events: EngineEvent[] = [];
  const context = {
    emit: (event: EngineEvent) => events.push(event),
    stop: new AbortController().signal,
    resume: false,
  };
  try {
    await trainModel(config, context, { ...ready, executor: recording(ready.executor) });
  } finally {
    await ready.opened.store.close();
  }
  steps = events.filter((event) => event.event === 'step');
});
afterAll(remove);

describe('an optimizer step', () => {
  it('reports the norm of the mean gradient over its labelled tokens', () => {
    expect(steps).toHaveLength(STEPS);
    for (const [i, step] of steps.entries()) {
      const own = batches.slice(i * ACCUMULATION, (i + 1) * ACCUMULATION);
      const labelled = own.reduce((sum, batch) => sum + batch.labelled, 0);
      const tokens = own.reduce((sum, batch) => sum + batch.tokens, 0);
      // prompts are not trained on, so that the two differ
      expect(tokens).toBeGreaterThan(1.5 * labelled);
      // the accumulators hold the sum once the last micro-batch has run
      expect(step.gradNorm / (Math.sqrt(own.at(-1)!.squares) / labelled)).toBeCloseTo(1, 4);
    }
  });

  it('drops other entries in each micro-batch of each step', () => {
    const seeds = batches.map(({ dropoutSeed }) => dropoutSeed);
    expect(seeds).toHaveLength(STEPS * ACCUMULATION);
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});

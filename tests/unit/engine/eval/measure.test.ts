import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { textRows } from '../../../../main/engine/eval/assess/subject.ts';
import { Measure, tryBatches } from '../../../../main/engine/eval/measure.ts';
import { withModel } from '../../../../main/engine/load/ready-model.ts';
import { Batching } from '../../../../main/engine/step/batching.ts';
import { taskOf } from '../../../../main/engine/tasks/registry.ts';
import { temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('Measure', () => {
  it('gives the sums of each row, whatever it is packed with', async () => {
    const model = await writeTinyModel(path.join(folder, 'model'));
    mkdirSync(path.join(folder, 'work'));
    const texts = [
      'One.',
      'A second text that is longer.',
      'Three',
      'And the fourth, which is the longest of them all.',
    ];
    await withModel(
      { model, executor: 'ort', threads: 1 },
      () => {},
      async (ready) => {
        const { store, rows, batching } = await textRows(
          ready.tokenizer,
          texts,
          path.join(folder, 'work'),
          64,
        );
        const { executor, opened, weights } = ready;
        const parts = {
          task: taskOf({ trainOn: 'all' }),
          executor,
          model: opened.model,
          weights: weights.source,
          method: { kind: 'frozen' as const },
        };
        const together = new Measure({ ...parts, batching });
        const { rows: packed, loss } = (await together.run({}))!;
        const sum = packed.nll.reduce((a, b) => a + b, 0);
        expect(sum / packed.labelled.reduce((a, b) => a + b, 0)).toBeCloseTo(loss, 9);
        expect([...packed.rows]).toEqual([0, 1, 2, 3]);
        expect([...packed.labelled]).toEqual([...store.labelled]);
        for (const row of rows) {
          const own = new Batching({
            ...{ store, rows: Uint32Array.of(row), rowLength: 64, rowsPerBatch: 1 },
            ...{ pack: false, shuffle: false, seed: 0 },
          });
          const measure = new Measure({ ...parts, batching: own });
          const alone = await measure.run({});
          expect(packed.nll[row]! / packed.labelled[row]!).toBeCloseTo(alone!.loss, 4);
          await measure.release();
        }
        expect(await together.run({}, AbortSignal.abort())).toBeNull();
        await together.release();
        await store.close();
        const twelve = Array.from({ length: 12 }, (_, i) => 'word '.repeat(40 + i));
        const many = await textRows(ready.tokenizer, twelve, path.join(folder, 'twelve'), 512);
        const plan = many.batching.plan(0);
        expect(plan.batches * plan.rowsPerBatch * plan.rowLength).toBeLessThan(1.3 * plan.tokens);
        await many.store.close();
      },
    );
  });
});

describe('tryBatches', () => {
  /** Batches that take so long, the first one more; a clock that only they move. */
  function batchesOf(seconds: number, first: number) {
    let now = 100;
    let run = 0;
    return {
      run: async () => {
        now += run++ === 0 ? first : seconds;
      },
      clock: () => now,
    };
  }

  it('measures all where there is time for that', async () => {
    const { run, clock } = batchesOf(1, 3);
    expect(await tryBatches(5, { seconds: 20 }, run, new AbortController().signal, clock)).toEqual({
      ...{ seconds: 7, measuredBatches: 5, batches: 5 },
    });
  });

  it('measures a part and adds as long a batch for the rest, without what the first one took more', async () => {
    const { run, clock } = batchesOf(10, 14);
    expect(await tryBatches(180, { seconds: 20 }, run, new AbortController().signal, clock)).toEqual({
      ...{ seconds: 14 + 179 * 10, measuredBatches: 2, batches: 180 },
    });
  });
});

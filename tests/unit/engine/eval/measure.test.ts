import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { textRows } from '../../../../main/engine/eval/assess/passage-store.ts';
import { Measure } from '../../../../main/engine/eval/measure.ts';
import { withModel } from '../../../../main/engine/load/ready-model.ts';
import { Batching } from '../../../../main/engine/train/batching.ts';
import { nextToken } from '../../../../main/engine/train/objective.ts';
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
          objective: nextToken,
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
      },
    );
  });
});

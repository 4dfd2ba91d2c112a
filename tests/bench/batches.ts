/** Sample rows packed into batches as training packs them, as plain numbers that other programs read too. */

import { materialiseBatch } from '../../main/engine/data/batches/lay-out.ts';
import { planEpoch } from '../../main/engine/data/batches/pack.ts';
import { buildTokenStore } from '../../main/engine/data/tokens/dataset.ts';
import { rowEncoder } from '../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer/load.ts';

const MOST_BATCHES = 3;

export interface BatchesOptions {
  readonly model: string;
  readonly data: string;
  readonly rows: number;
  readonly rowLength: number;
  /** Where the rows' tokens are kept meanwhile. */
  readonly folder: string;
}

/** Up to three batches of the first epoch; says on standard output what is in them. */
export async function packedBatches({ model, data, rows, rowLength, folder }: BatchesOptions) {
  const tokenizer = await loadTokenizer(model);
  const encodeRow = rowEncoder(tokenizer, 'answers');
  const store = await buildTokenStore({
    files: [data],
    encodeRow,
    maxLength: rowLength,
    onBadRow: 'stop',
    folder,
  });
  const all = Uint32Array.from({ length: store.count }, (_, i) => i);
  const plan = planEpoch({
    lengths: store.lengths,
    labelled: store.labelled,
    rows: all,
    rowLength,
    rowsPerBatch: rows,
    seed: 1,
    epoch: 0,
    shuffle: true,
  });
  const batches = [];
  for (let index = 0; index < Math.min(MOST_BATCHES, plan.batches); index++) {
    const batch = await materialiseBatch(store, plan, index);
    const labels = new Int32Array(rows * rowLength).fill(-100);
    for (let i = 0; i < batch.labelledCount; i++) labels[batch.rows[i]! + 1] = batch.targets[i]!;
    const split = (x: Int32Array) =>
      Array.from({ length: rows }, (_, r) => [...x.subarray(r * rowLength, (r + 1) * rowLength)]);
    batches.push({
      tokens: split(batch.tokens),
      positions: split(batch.positions),
      segments: split(batch.segments),
      labels: split(labels),
    });
    console.log(
      `batch ${index} of ${rows} x ${rowLength}: ${batch.realTokens} real tokens, ${batch.labelledCount} labelled`,
    );
  }
  await store.close();
  return batches;
}

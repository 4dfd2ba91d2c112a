/** The program of a thread that updates its share of the trained values (update-threads.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import type { Range } from '../nn/adamw.ts';
import type { Allocate } from './masters.ts';
import { TrainedValues, type Update, type ValuesPlan } from './trained-values.ts';

export interface UpdateThreadData {
  readonly plan: ValuesPlan;
  /** The memory of the values, in the order in which it was taken. */
  readonly memory: readonly SharedArrayBuffer[];
  /** Gradients of the values that are to be updated next. */
  readonly grad: Float32Array;
}

export interface UpdateTask {
  readonly range: Range;
  readonly update: Update;
}

const { plan, memory, grad } = workerData as UpdateThreadData;
let taken = 0;
const take: Allocate = (type) => new type(memory[taken++]!);
const values = new TrainedValues(plan, take);

parentPort!.on('message', ({ range, update }: UpdateTask) => {
  values.update(range, { grad, gradFirst: range[0] }, update);
  parentPort!.postMessage(null);
});

/** An update of weights as it is made where the state of training lives on a device: the norm of the gradients, and the new values. */
import type { Executor } from '../exec/executor.ts';
import { squaresGraph, UPDATE_INPUTS, updateGraph } from '../nn/adamw-graph.ts';
import type { Timed } from './programs.ts';

/** Columns of the matrix that is updated; its number of elements must be a multiple of it. */
const COLUMNS = 1024;

/** An update of so many weights on the executor's device. */
export async function deviceUpdateProgram(executor: Executor, weights: number): Promise<Timed> {
  const shape = [weights / COLUMNS, COLUMNS];
  const one = [{ name: 'w', shape, kind: 'matrix' as const }];
  const names = ['w', 'grad.w', 'm.w', 'v.w'];
  const squares = await executor.compile(squaresGraph(one));
  const update = await executor.compile(updateGraph(one, false), { kept: new Set(names) });
  const tensors = Object.fromEntries(names.map((name) => [name, executor.tensor('f32', shape)]));
  const numbers = Object.fromEntries(UPDATE_INPUTS.map((name) => [name, Float32Array.of(0.5)]));
  return {
    async run() {
      await update.run({ ...numbers, ...tensors }, tensors);
      // a number comes back, so that the update is over and not only on its way
      await squares.run({ 'grad.w': tensors['grad.w']! });
    },
    async release() {
      await squares.release();
      await update.release();
      for (const tensor of Object.values(tensors)) tensor.release();
    },
  };
}

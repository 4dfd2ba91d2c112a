/**
 * A process that loads onnxruntime beside the pack below `FETTLE_PACKS`, prints as JSON what loading CUDA gives, and what the
 * processor computes nevertheless. In a process of its own: what is loaded stays loaded.
 */
import { createRequire } from 'node:module';
import { AppError } from '../../common/errors.ts';
import { loadBesidePack, loadCuda } from '../../main/engine/exec/ort/nvidia-pack.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { Graph } from '../../main/engine/ir/graph.ts';
import { mul, scalar } from '../../main/engine/ops/functions.ts';

loadBesidePack();
const cuda = codeOf(loadCuda);
const graph = new Graph();
graph.output('y', mul(graph.input('x', 'f32', [2]), scalar(graph, 3)));
const program = await (await openExecutor('ort', { threads: 1 })).compile(graph);
const { outputs } = await program.run({ x: Float32Array.of(1, 2) });
await program.release();
// onnxruntime itself, asked for a provider that is a broken link here: its complaint names the folder where it looked
const ort = createRequire(import.meta.url)('onnxruntime-node');
await ort.InferenceSession.create(new Uint8Array(8), { executionProviders: ['cuda'] }).catch(() => {});
console.log(JSON.stringify({ cuda, y: [...outputs.y!] }));

function codeOf(load: () => void): string {
  try {
    load();
    return 'loaded';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

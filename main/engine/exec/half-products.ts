/** Whether a device computes products in float16: onnxruntime tells nothing of an adapter, so a tiny product is tried. */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { Graph } from '../ir/graph.ts';
import { matmul, narrow, widen } from '../ops/functions.ts';
import type { Executor } from './executor.ts';

const SIZE = 4;
/** What says more than that there is no float16. */
const OWN_CODES = new Set(['device-missing', 'device-lost', 'out-of-memory']);

/** Throws `AppError('device-unsupported')` where the executor's device has no float16, or gives wrong products in it. */
export async function requireHalfProducts(executor: Executor): Promise<void> {
  const graph = new Graph();
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, 'f32', [SIZE, SIZE]));
  graph.output('y', widen(matmul(narrow(a!), narrow(b!), { transB: true })));
  const product = await computed(executor, graph).catch((error) => {
    if (error instanceof AppError && OWN_CODES.has(error.code)) throw error;
    throw unsupported(executor, error instanceof Error ? error.message : String(error), error);
  });
  // rows of whole numbers: each has a whole product that float16 holds
  const isRight = product.every((value, i) => value === SIZE * row(Math.floor(i / SIZE)) * row(i % SIZE));
  if (!isRight) throw unsupported(executor, `1 + 2 -> ${product.slice(0, SIZE).join(', ')}`);
}

const row = (i: number) => i + 1;

async function computed(executor: Executor, graph: Graph): Promise<Float32Array> {
  const program = await executor.compile(graph);
  try {
    const rows = Float32Array.from({ length: SIZE * SIZE }, (_, i) => row(Math.floor(i / SIZE)));
    const { outputs } = await program.run({ a: rows, b: rows });
    return outputs.y as Float32Array;
  } finally {
    await program.release();
  }
}

function unsupported({ device }: Executor, why: string, cause?: unknown): AppError {
  return new AppError(
    'device-unsupported',
    say`The graphics card (${device}) can't compute in half precision: ${why}`,
    say`Use full precision (float32).`,
    { cause },
  );
}

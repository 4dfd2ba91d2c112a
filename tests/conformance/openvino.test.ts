import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { describeError } from '../../common/errors.ts';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { openOpenVino } from '../../main/engine/exec/openvino/library.ts';
import { openExecutor, openvinoVersion } from '../../main/engine/exec/registry.ts';
import { Graph } from '../../main/engine/ir/graph.ts';
import { add, matmul, OPS } from '../../main/engine/ops/functions.ts';
import { withTestedExecutor } from '../../main/engine/session/speed-test.ts';
import { speedPackGain } from '../../main/packs/packs.ts';
import { keepSpeedTest, speedTestOf } from '../../main/speed-tests.ts';
import { referenceCases } from '../golden/case.ts';
import { checkFamily } from '../golden/check-family.ts';
import { checkPreference } from '../golden/check-preference.ts';
import { checkedOn } from '../golden/checked.ts';
import { type Line, passes } from '../golden/compare.ts';
import { checkSample } from '../helpers/check-sample.ts';

/** Of products of numbers around 1, rounded to 8 bits each. */
const IN_BFLOAT16 = 0.03;
/** Other tolerances: random bits are exact, and what is rounded to codes after bfloat16 may fall to the next code. */
const TOLERANCES: Readonly<Record<string, number>> = { randomUniform: 0, matmulInt8: 0.06 };
/** How many times a tolerance these families have: their gradients are several times as large, and gates multiply what was rounded. */
const WIDER: Readonly<Record<string, number>> = { exaone4: 1.5, lfm2: 2, qwen3_5: 3 };
const PREFERENCE = path.join(import.meta.dirname, '..', 'golden', 'data', 'preference');
const LIBRARY = process.env.FETTLE_TEST_OPENVINO_HOME ?? '';
if (LIBRARY) process.env.FETTLE_OPENVINO_HOME = LIBRARY;
const problem = await Promise.resolve()
  .then(openOpenVino)
  .then(() => null, describeError);
if (problem) console.info(`Not run on OpenVINO. ${problem}`);

describe.skipIf(problem)('OpenVINO', () => {
  it.each(Object.values(OPS).map((def) => [def.name, def] as const))('computes %s', async (name, def) => {
    const executor = await openExecutor('openvino', { threads: 1 });
    for (const sample of def.samples)
      await checkSample(executor, def, sample, TOLERANCES[name] ?? IN_BFLOAT16);
  });

  // variations are about what is read from files, which is the same for each executor
  it.each(referenceCases(['families']))(
    '%s is within bfloat16 of Transformers and PEFT',
    async (name, folder) => {
      const lines = await checkFamily(
        folder,
        await openExecutor('openvino', { threads: 1 }),
        checkedOn('openvino'),
      );
      expect(lines.length).toBeGreaterThan(14);
      const wider = (line: Line) => ({ ...line, tolerance: line.tolerance * (WIDER[name] ?? 1) });
      expect(lines.map(wider).filter((line) => !passes(line))).toEqual([]);
    },
  );

  it('has the losses of preferences within bfloat16', async () => {
    const lines = await checkPreference(
      path.join(PREFERENCE, 'llama'),
      await openExecutor('openvino', { threads: 1 }),
      checkedOn('openvino'),
    );
    expect(lines.length).toBeGreaterThan(80);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });

  it('ends in a sentence where it does not see the device that was asked for', async () => {
    expect(openOpenVino().devices).toContain('CPU');
    vi.stubEnv('FETTLE_OPENVINO_DEVICE', 'NPU');
    await expect(openExecutor('openvino', { threads: 1 })).rejects.toMatchObject({
      code: 'device-missing',
      message: expect.stringContaining('no device NPU. It sees CPU'),
    });
    vi.unstubAllEnvs();
  });

  it('is used for a training only where its test has passed', async () => {
    const version = await openvinoVersion();
    const asked = async (problem: string | null) => {
      keepSpeedTest('openvino', speedTestOf({ version, gain: 2, problem }));
      const events: EngineEvent[] = [];
      const config = { executor: 'openvino', threads: 1 };
      const { executor } = await withTestedExecutor(config, (event) => events.push(event));
      return [executor, ...events.map((event) => ('message' in event ? event.message : event.event))];
    };
    expect(await asked(null)).toEqual(['openvino']);
    expect(speedPackGain()).toBe(2);
    expect(await asked('It is wrong.')).toEqual([
      'ort',
      'OpenVINO is not used: It is wrong. onnxruntime computes instead.',
    ]);
    expect(speedPackGain()).toBeNull();
  });

  // OpenVINO packs a square constant for one of both products and uses that for the other one
  it('reads a square weight in both directions', async () => {
    const graph = new Graph();
    const weight = graph.weight('w', [SIZE, SIZE]);
    const x = graph.input('x', 'f32', [SIZE, SIZE]);
    graph.output('forward', matmul(x, weight, { transB: true }));
    graph.output('backward', matmul(x, weight));
    const [w, given] = [numbers(1), numbers(2)];
    const outputs = await computed(graph, { x: given }, w);
    expect(error(outputs.forward!, product(given, w, true))).toBeLessThan(0.01);
    expect(error(outputs.backward!, product(given, w, false))).toBeLessThan(0.01);
  });

  // it writes a product into its output's memory before it adds the input that lies there
  it('adds to a tensor that is input and output', async () => {
    const graph = new Graph();
    const [sum, x] = ['sum', 'x'].map((name) => graph.input(name, 'f32', [SIZE, SIZE]));
    graph.output('sum', add(sum!, matmul(x!, x!)));
    const executor = await openExecutor('openvino', { threads: 1 });
    const state = executor.tensor('f32', [SIZE, SIZE], numbers(3));
    const program = await executor.compile(graph);
    for (let run = 0; run < 2; run++) await program.run({ sum: state, x: numbers(2) }, { sum: state });
    await program.release();
    const once = product(numbers(2), numbers(2), false);
    const wanted = numbers(3).map((value, i) => value + 2 * once[i]!);
    expect(error((await state.read()) as Float32Array, wanted)).toBeLessThan(0.01);
  });
});

const SIZE = 64;

/** Numbers between -0.5 and 0.5 that repeat for a seed. */
function numbers(seed: number): Float32Array {
  let word = seed;
  return Float32Array.from({ length: SIZE * SIZE }, () => {
    word = (Math.imul(word, 1664525) + 1013904223) | 0;
    return (word >>> 8) / 2 ** 24 - 0.5;
  });
}

async function computed(graph: Graph, feeds: Readonly<Record<string, Float32Array>>, data: Float32Array) {
  const executor = await openExecutor('openvino', { threads: 1 });
  const program = await executor.compile(graph, { weights: () => ({ kind: 'memory', data }) });
  const { outputs } = await program.run(feeds);
  await program.release();
  return outputs as Record<string, Float32Array>;
}

function product(x: Float32Array, w: Float32Array, isTransposed: boolean): Float32Array {
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIZE), i % SIZE];
    let sum = 0;
    for (let k = 0; k < SIZE; k++)
      sum += x[row * SIZE + k]! * w[isTransposed ? column * SIZE + k : k * SIZE + column]!;
    return sum;
  });
}

/** The norm of the difference as a share of the wanted one's. */
function error(got: Float32Array, wanted: Float32Array): number {
  const norm = (x: Float32Array) => Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0));
  return norm(got.map((value, i) => value - wanted[i]!)) / norm(wanted);
}

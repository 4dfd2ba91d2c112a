/**
 * The TensorFlow.js executor on TensorFlow's own library: operations, reference values and leaks. It runs where the library is: in
 * the folder that FETTLE_TFJS_HOME names (npm run tensorflow-library makes one, as .ci/run does), or in a package in node_modules. All
 * other tests have the wasm backend.
 */
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../common/errors.ts';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { openTensorFlow } from '../../../main/engine/extras/tensorflow/tfjs-executor.ts';
import { OPS } from '../../../main/engine/ops/functions.ts';
import { referenceCases } from '../../golden/case.ts';
import { checkFamily } from '../../golden/check-family.ts';
import { checkedOn } from '../../golden/checked.ts';
import { passes } from '../../golden/compare.ts';
import { checkSample } from '../../helpers/check-sample.ts';
import { LIBRARY } from './own-library.ts';
import { leaksOf, leaksOfTraining, STEPS, TRAININGS } from './tfjs-leaks.ts';
import { LIBRARY_TRACES } from './traces.ts';

process.env.FETTLE_TFJS_BACKEND = 'tensorflow';
if (LIBRARY) process.env.FETTLE_TFJS_HOME = LIBRARY;
const problem = await openTensorFlow(1).then(() => null, describeError);
if (problem) console.info(`Not run on TensorFlow's library. ${problem}`);

describe.skipIf(problem)("TensorFlow's library", () => {
  it.each(Object.values(OPS).map((def) => [def.name, def] as const))('computes %s', async (_, def) => {
    const executor = await openExecutor('tfjs', { threads: 1 });
    for (const sample of def.samples) await checkSample(executor, def, sample);
  });

  // variations are about what is read from files, which is the same for each executor
  it.each(referenceCases(['families']))('%s equals Transformers and PEFT', async (_, folder) => {
    const lines = await checkFamily(
      folder,
      await openExecutor('tfjs', { threads: 1 }),
      checkedOn(LIBRARY_TRACES),
    );
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });

  it.each(Object.keys(STEPS))('keeps no tensor of a step (%s)', async (name) => {
    expect(await leaksOf(name)).toEqual({ betweenRuns: 0, afterRelease: 0 });
  });

  it.each(TRAININGS)('keeps no tensor of a whole training (%s)', async (method) => {
    const { losses, afterSteps, afterEnd } = await leaksOfTraining(method, 4);
    expect([losses.every(Number.isFinite), afterSteps, afterEnd]).toEqual([true, [0, 0], 0]);
  });
});

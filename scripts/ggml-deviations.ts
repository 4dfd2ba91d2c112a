/**
 * How far ggml is from the definitions, by format and backend: computes what the tests do and keeps the worst figures for the table in
 * docs/devices.md.
 *
 *   node scripts/ggml-deviations.ts                            # the processor, and Vulkan where FETTLE_GGML_HOME names its library
 *
 * Mesa's driver is seen with GGML_VK_VISIBLE_DEVICES=0.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { openExecutor } from '../main/engine/exec/registry.ts';
import {
  type Backend,
  DEVIATIONS_FILE,
  deviationOf,
  FORMATS,
  familiesOf,
  keptDeviations,
  operationsOf,
  USE_NAMES,
} from '../tests/helpers/ggml-formats.ts';

const BACKENDS: readonly Backend[] = ['processor', 'Vulkan'];

const [asked] = process.argv.slice(2);
if (asked === undefined) for (const backend of BACKENDS) measureApart(backend);
else await measure(asked as Backend);

/** A process opens one library of ggml. */
function measureApart(backend: Backend): void {
  const { FETTLE_GGML_HOME: home, ...others } = process.env;
  if (backend === 'Vulkan' && !home) {
    console.log('FETTLE_GGML_HOME names no library: Vulkan stays as it was.');
    return;
  }
  const env = backend === 'Vulkan' ? process.env : { ...others, FETTLE_GGML_DEVICE: 'CPU' };
  const { status } = spawnSync(process.execPath, [import.meta.filename, backend], { env, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

async function measure(backend: Backend): Promise<void> {
  const executor = await openExecutor('ggml', { threads: 1 });
  const worst: Record<string, { operation: string; worst: number; samples: number }> = {};
  for await (const found of operationsOf(executor)) {
    const before = worst[found.format] ?? { ...found, worst: -1, samples: 0 };
    const largest = found.worst > before.worst ? found : before;
    worst[found.format] = { operation: largest.operation, worst: largest.worst, samples: before.samples + 1 };
  }
  const products = [];
  for (const format of FORMATS) {
    const figures: Record<string, number> = {};
    for (const use of USE_NAMES) figures[use] = await deviationOf(executor, format, use);
    products.push({ name: format.name, from: format.from, ...figures });
  }
  const device = executor.deviceWords ?? 'the processor';
  const families = await familiesOf(() => openExecutor('ggml', { threads: 1 }));
  const kept = { ...keptDeviations(), [backend]: { device, operations: worst, products, ...families } };
  fs.writeFileSync(DEVIATIONS_FILE, `${JSON.stringify(kept, null, 2)}\n`);
  console.log(`${backend}: ${device}, kept in ${DEVIATIONS_FILE}.`);
}

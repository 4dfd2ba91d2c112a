/**
 * `npm run golden -- FOLDER… [--executor ort|openvino|reference|tfjs] [--device webgpu]`: compares the engine with folders of reference
 * values, by default all cases beside this file on all executors but OpenVINO. One line a quantity with the worst difference; exits 1 beyond a tolerance.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '../../common/errors.ts';
import type { DeviceChoice } from '../../main/engine/exec/executor.ts';
import { DEVICES, EXECUTOR_NAMES, type ExecutorName, openExecutor } from '../../main/engine/exec/registry.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { checkFamily } from './check-family.ts';
import { checkPreference, isPreference } from './check-preference.ts';
import { type Line, passes } from './compare.ts';

const DATA = path.join(import.meta.dirname, 'data');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { executor: { type: 'string', multiple: true }, device: { type: 'string', default: 'cpu' } },
});
const device = values.device as DeviceChoice;
const onDevice = DEVICES.filter((row) => row.device === device).map(({ executor }) => executor);
const executors = (values.executor ?? (device === 'cpu' ? EXACT_EXECUTORS : onDevice)) as ExecutorName[];
const unknown = executors.find((name) => !EXECUTOR_NAMES.includes(name));
if (unknown) {
  console.error(`There is no executor "${unknown}". Use one of: ${EXECUTOR_NAMES.join(', ')}.`);
  process.exit(2);
}
const folders =
  positionals.length > 0
    ? positionals
    : [
        ...(await foldersIn('families')),
        ...(await foldersIn('variations')),
        ...(await foldersIn('preference')),
      ];

let failed = 0;
for (const folder of folders) {
  for (const name of executors) {
    const title = `${path.basename(folder)} (${device === 'cpu' ? name : device})`;
    try {
      const check = (await isPreference(folder)) ? checkPreference : checkFamily;
      const lines = await check(folder, await openExecutor(name, { threads: 2, device }));
      for (const line of lines) console.log(`${title.padEnd(22)} ${format(line)}`);
      failed += lines.filter((line) => !passes(line)).length;
    } catch (error) {
      console.log(`${title.padEnd(22)} FAILED  ${describeError(error)}`);
      failed++;
    }
  }
}
console.log(
  failed === 0 ? 'all quantities are within tolerance' : `${failed} quantities are beyond tolerance`,
);
process.exit(failed === 0 ? 0 : 1);

async function foldersIn(group: string): Promise<string[]> {
  const entries = await fs.readdir(path.join(DATA, group), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(DATA, group, name));
}

function format(line: Line): string {
  const { quantity, worst, tolerance } = line;
  return `${passes(line) ? 'ok    ' : 'FAILED'}  ${quantity.padEnd(48)} ${worst.toExponential(2)} (tolerance ${tolerance.toExponential(2)})`;
}

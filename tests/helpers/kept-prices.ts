/**
 * What one process of a test run has computed, for all others: prices, which take 14 seconds for the whole catalog, and the measured speed
 * of this computer. It lies in a folder that a run of the tests begins anew (vitest.config.ts), so that nothing outlives the code it is of.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { CasePrice, PriceCase } from '../../common/protocol/protocol.ts';

type Price = CasePrice | null;

/** What `compute` gives, once in a run of the tests for each `what`. */
export async function keptOnce<Value>(what: string, compute: () => Promise<Value>): Promise<Value> {
  const folder = process.env.FETTLE_TEST_PRICES;
  const file = folder ? path.join(folder, what) : null;
  return read<Value>(file) ?? kept(file, await compute());
}

/** Prices of `cases`: what is not kept yet `compute` gives. */
export async function keptPrices(
  cases: readonly PriceCase[],
  compute: (cases: readonly PriceCase[]) => Promise<readonly Price[]>,
): Promise<Price[]> {
  const folder = process.env.FETTLE_TEST_PRICES;
  if (!folder) return [...(await compute(cases))];
  const files = cases.map((one) => fileOf(folder, one));
  const found = files.map((file) => read<Price>(file));
  const missing = cases.filter((_, i) => found[i] === undefined);
  const computed = missing.length > 0 ? (await compute(missing)).values() : null;
  return found.map((price, i) => (price === undefined ? kept(files[i]!, computed!.next().value!) : price));
}

/** A file of its own for each, which is either whole or not there. Models that lie in a folder are not kept: it may change. */
function fileOf(folder: string, one: PriceCase): string | null {
  if (!('config' in one.model)) return null;
  return path.join(folder, `${createHash('sha1').update(JSON.stringify(one)).digest('hex')}`);
}

function read<Value>(file: string | null): Value | undefined {
  try {
    return file === null ? undefined : (deserialize(readFileSync(file)) as Value);
  } catch {
    return undefined;
  }
}

function kept<Value>(file: string | null, value: Value): Value {
  if (file === null) return value;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, serialize(value));
  renameSync(`${file}.${process.pid}`, file);
  return value;
}

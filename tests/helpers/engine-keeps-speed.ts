/**
 * Loaded into the processes of a Fettle under test: its engines answer the measured speed of this computer, and what the tests of quick ways
 * gave, as the first one of this run of the tests has found it, which takes 20 seconds. The others wait for it meanwhile. All of it lies in
 * a folder that begins empty with the run (vitest.config.ts).
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import type { CallIo } from '../../main/engine/session/call-row.ts';
import type { InputOf } from '../../main/engine/session/call-table.ts';

const ENGINE = path.resolve(import.meta.dirname, '..', '..', 'main', 'engine', 'entry.ts');
const LOOK_MS = 100;
const folder = process.env.FETTLE_TEST_PRICES;

// one with few rights measures nothing, and may keep nothing
if (folder && process.argv[1] === ENGINE && !process.permission) {
  const { CALLS } = await import('../../main/engine/session/calls.ts');
  const { takeOwnLock } = await import('../../main/locks.ts');
  const { keepSpeedTest } = await import('../../main/speed-tests.ts');
  const { bench, speedTest } = CALLS;
  const known = <Found>(file: string): Found | null => {
    try {
      return deserialize(readFileSync(file));
    } catch {
      return null;
    }
  };
  /** What is kept under that name; where there is nothing yet, one process at a time measures it. */
  const kept = async <Found>(name: string, io: CallIo, measure: () => Promise<Found>): Promise<Found> => {
    const file = path.join(folder, name);
    while (known(file) === null && takeOwnLock(`${file}.lock`) !== null)
      await setTimeout(LOOK_MS, undefined, { signal: io.stop });
    const found = known<Found>(file);
    if (found !== null) return found;
    try {
      const speed = await measure();
      writeFileSync(`${file}.${process.pid}`, serialize(speed));
      renameSync(`${file}.${process.pid}`, file);
      return speed;
    } finally {
      rmSync(`${file}.lock`, { force: true });
    }
  };
  Object.assign(CALLS, {
    bench: (asked: InputOf<'bench'>, io: CallIo) =>
      kept(`speed-${asked.device ?? 'cpu'}`, io, () => Promise.resolve(bench(asked, io))),
    async speedTest(way: InputOf<'speedTest'>, io: CallIo) {
      const found = await kept(`way-${way}`, io, () => Promise.resolve(speedTest(way, io)));
      keepSpeedTest(way, found);
      return found;
    },
  });
}

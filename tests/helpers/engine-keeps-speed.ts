/**
 * Loaded into the processes of a Fettle under test: its engines answer the measured speed of this computer as the first one of this run of
 * the tests has found it, which takes 13 seconds. It lies in a folder that begins empty with the run (vitest.config.ts).
 */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { CallIo } from '../../main/engine/session/call-row.ts';
import type { InputOf } from '../../main/engine/session/call-table.ts';

const ENGINE = path.resolve(import.meta.dirname, '..', '..', 'main', 'engine', 'entry.ts');
const folder = process.env.FETTLE_TEST_PRICES;

// one with few rights measures nothing, and may keep nothing
if (folder && process.argv[1] === ENGINE && !process.permission) {
  const { CALLS } = await import('../../main/engine/session/calls.ts');
  const { bench } = CALLS;
  const keep = async (asked: InputOf<'bench'>, io: CallIo) => {
    const file = path.join(folder, `speed-${asked.device ?? 'cpu'}`);
    try {
      return deserialize(readFileSync(file));
    } catch {
      const speed = await bench(asked, io);
      writeFileSync(`${file}.${process.pid}`, serialize(speed));
      renameSync(`${file}.${process.pid}`, file);
      return speed;
    }
  };
  Object.assign(CALLS, { bench: keep });
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  doctorEncoder,
  type EncoderSource,
  encoderFrom,
} from '../../../../main/engine/data/tokens/encode-work.ts';
import { checkRows } from '../../../../main/rows/doctor/check.ts';
import type { DoctorOptions } from '../../../../main/rows/doctor/scan.ts';

const ENCODER: EncoderSource = {
  tokenizer: 'tests/fixtures/tokenizers/qwen3',
  newTokens: [],
  trainOn: 'answers',
};
const ROWS = 700;
const GERMAN =
  'Die Lampe ist leider nicht angekommen, und niemand weiß, wo das Paket geblieben ist, das wir schickten.';
const ENGLISH =
  'The lamp has not arrived yet, and nobody knows where the parcel is that we sent to your house.';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-doctor-threads-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Clean rows with every kind of fault among them, the first ones in the rarer language. */
function line(i: number): string {
  if (i % 70 === 3) return '{"prompt": ';
  if (i % 70 === 5) return JSON.stringify({ prompt: `Where is ${i}?`, completion: ' ' });
  if (i % 70 === 7) return line(i - 1);
  if (i % 70 === 9) return JSON.stringify({ prompt: 'What is it?', completion: `It is ${i}, surely.` });
  const contact = i % 70 === 11 ? ' Write to anna.keller@mail.net or ring +49 30 1234 5678.' : '';
  const answer = i < 5 || i % 70 === 13 ? GERMAN : ENGLISH;
  const near = i % 70 === 15 ? 15 : i;
  return JSON.stringify({
    prompt: `Question ${near}: where is my order?`,
    completion: `${answer} It is number ${near}.${contact}`,
  });
}

async function report(options: Partial<DoctorOptions>) {
  const data = join(folder, 'rows.jsonl');
  await writeFile(data, Array.from({ length: ROWS }, (_, i) => `${line(i)}\n`).join(''));
  const {
    seconds: _,
    peakRssBytes: __,
    repair,
    ...rest
  } = await checkRows({
    ...{ paths: [data], read: {}, maxLength: 64, heldOut: 0.1, seed: 42, epochs: 3 },
    ...{ fix: ['all', 'near-duplicates'], out: null },
    ...options,
  });
  return { ...rest, repair };
}

it.runIf(availableParallelism() > 1)('reports the same from several threads as from one', async () => {
  const encode = await encoderFrom(ENCODER);
  const alone = await report({ encode });
  expect(alone.findings.length).toBeGreaterThan(7);
  let calls = 0;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  // slow in this thread, so that the others take over long before the end
  const slowly: typeof encode = (row) => {
    calls++;
    Atomics.wait(pause, 0, 0, 4);
    return encode(row);
  };
  const together = await report({ encode: slowly, encoder: doctorEncoder(ENCODER), crew: { longMs: 0 } });
  expect(together).toEqual(alone);
  // three passes look at all rows, and the last one repairs them here
  expect(calls).toBeLessThan(1.7 * ROWS);
});

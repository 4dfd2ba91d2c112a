/**
 * How long the data doctor takes and how much memory: `node tests/bench/doctor.ts [ROWS]` makes a file of so many rows
 * (100,000 without a number), some of them faulty, checks it in this process and prints seconds, rows a second and peak
 * memory.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkRows } from '../../main/engine/data/doctor/check.ts';
import { Rng } from '../../main/engine/data/rows/rng.ts';

/** Common words come often, as in real texts. */
const COMMON =
  'the a of and to in that is with for from this have they which you your there it not on as at be are was were'.split(
    ' ',
  );
const WORDS =
  'the a of and to in on with for from by at after before while under over parcel order chair lamp kettle invoice refund account letter garden window river morning winter engineer teacher doctor question answer number table list colour green yellow small large quick slow begins ends carries holds opens closes asks answers writes reads builds repairs because although however therefore always never often perhaps already still three seven twelve hundred percent value result reason example part whole first second last next early late cold warm heavy light open empty full clean broken quiet loud simple difficult important careful possible'.split(
    ' ',
  );

const count = Number(process.argv[2] ?? 100_000);
const rng = Rng.fromSeed(1);
const word = () => (rng.below(5) < 2 ? COMMON[rng.below(COMMON.length)] : WORDS[rng.below(WORDS.length)]);
const sentence = (words: number) => `${Array.from({ length: words }, () => word()).join(' ')}.`;

/** A row, now and then with a fault, so that the slower paths are taken as well. */
function row(i: number, before: string): string {
  const fault = i % 50;
  if (fault === 1) return before;
  const prompt = `${sentence(15 + rng.below(30))} Number ${i}?`;
  const contact = fault === 2 ? ' Write to anna.keller@mail.net or ring +49 30 1234 5678.' : '';
  const broken = fault === 3 ? ' The cafÃ© is closed, itâ€™s late.' : '';
  const completion = `${sentence(20 + rng.below(60))}${contact}${broken}`;
  return JSON.stringify({ prompt, completion });
}

const folder = await mkdtemp(join(tmpdir(), 'fettle-doctor-'));
try {
  const file = join(folder, 'rows.jsonl');
  const stream = createWriteStream(file);
  let before = '';
  for (let i = 0; i < count; i++) {
    before = row(i, before);
    if (!stream.write(`${before}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  const { size } = await stat(file);
  const report = await checkRows({
    ...{ paths: [file], read: {}, maxLength: 1024, heldOut: 0.1, seed: 42, epochs: 3 },
  });
  const rate = Math.round(report.rows / report.seconds);
  console.log(`${report.rows} rows, ${(size / 1e6).toFixed(1)} MB`);
  console.log(
    `${report.seconds.toFixed(1)} s (${(process.cpuUsage().user / 1e6).toFixed(1)} s of processor time), ${rate} rows/s, peak RSS ${Math.round(report.peakRssBytes / 1e6)} MB`,
  );
  for (const { code, rows } of report.findings) console.log(`  ${code} ${rows}`);
} finally {
  await rm(folder, { recursive: true });
}

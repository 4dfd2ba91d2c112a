/**
 * An encoder trained to sort Banking77, its losses beside those of a loop in sentence-transformers and torch with the same batches:
 * `node tests/bench/sorting-trace.ts --data FOLDER --encoder FOLDER --python ENV/bin/python`. Fails where two differ by more than 1e-4.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { ADAMW, rateAt } from '../../main/engine/eval/vectors/schedule.ts';
import { planSteps } from '../../main/engine/eval/vectors/steps.ts';
import { trainSorting } from '../../main/engine/eval/vectors/train-encoder.ts';
import { openTextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { Rng } from '../../main/rows/rng.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, encoder: { type: 'string' }, python: { type: 'string' } },
});
const { data, encoder, python } = values;
if (!data || !encoder || !python) throw new Error('Give --data FOLDER, --encoder FOLDER and --python FILE.');

const [STEPS, SEED] = [20, 1];
const RECIPE = { layers: null, rate: 1e-4, passes: 1, batch: 32 };

const bank: string[][] = parse(fs.readFileSync(path.join(data, 'banking77_train.csv')), { fromLine: 2 });
const drawn = Rng.fromSeed(SEED).shuffle(Uint32Array.from(bank.keys()));
const rows = Array.from(drawn.subarray(0, STEPS * RECIPE.batch), (row) => bank[row]!);
const names = [...new Set(bank.map(([, label]) => label!))].sort();
const labels = rows.map(([, label]) => names.indexOf(label!));
const texts = rows.map(([text]) => text!);

process.env.OMP_NUM_THREADS = '1';
const vectors = await openTextVectors(encoder, 1);
const width = vectors.width + 1;
// small values that every program can be given
const head = Float32Array.from({ length: names.length * width }, (_, i) => Math.cos(0.7 * i) / 8);
const losses: number[] = [];
const started = process.cpuUsage();
await trainSorting(
  vectors,
  { ids: texts.map((text) => vectors.idsOf(text)), targets: [Int32Array.from(labels)], heads: [head] },
  RECIPE,
  {
    ...{ threads: 1, seed: SEED, stop: new AbortController().signal },
    onStep: (_step, _texts, loss) => losses.push(loss),
  },
);
const { user, system } = process.cpuUsage(started);
await vectors.close();

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-trace-'));
const asked = path.join(work, 'asked.json');
const steps = planSteps(texts.length, RECIPE, SEED);
fs.writeFileSync(
  asked,
  JSON.stringify({
    ...{ texts, labels, steps, adamw: ADAMW, threads: 1 },
    rates: steps.map((_, step) => rateAt(RECIPE.rate, step, steps.length)),
    head: names.map((_, label) => Array.from(head.subarray(label * width, (label + 1) * width))),
  }),
);
const script = path.join(import.meta.dirname, 'peers/sorting_trace.py');
const printed = execFileSync(python, [script, encoder, asked], { encoding: 'utf8' });
fs.rmSync(work, { recursive: true });
const peer = JSON.parse(printed.trim().split('\n').at(-1)!) as { readonly losses: readonly number[] };
const farthest = Math.max(...losses.map((loss, step) => Math.abs(loss - peer.losses[step]!)));
const seconds = (user + system) / 1e6;
console.log(JSON.stringify({ steps: losses.length, seconds, farthest, losses, peer }, null, 1));
if (!(losses.length === STEPS && farthest < 1e-4)) process.exitCode = 1;

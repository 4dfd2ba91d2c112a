/**
 * `npm run bench:halves -- --model FOLDER…`: a LoRA step beside float32 weights and beside the same weights in the 16 bits of their files,
 * each trial in a process of its own, in turns. Prints the table of docs/memory.md.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { MALLOC_SETTINGS } from '../../main/runs/fork.ts';
import { packedBatches } from './batches.ts';
import { median } from './rounds.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const { values } = parseArgs({
  options: {
    /** Folders of models whose weights are float16 or bfloat16. */
    model: { type: 'string', multiple: true, default: [] },
    data: { type: 'string', default: path.join(ROOT, 'resources', 'samples', 'support-messages.jsonl') },
    length: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '4' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
  },
});
if (values.model.length === 0)
  throw new Error('Name models in 16 bits with --model; `fettle export --type f16` makes one.');

interface Trial {
  readonly losses: readonly number[];
  readonly step_seconds: readonly number[];
  readonly step_processor_seconds: readonly number[];
  readonly peak_rss_bytes: number;
}
interface Kind {
  readonly model: string;
  readonly bits: '16' | '32';
  readonly recompute: 'none' | 'block';
  readonly trials: Trial[];
}

const kinds = values.model.flatMap((model) =>
  (['none', 'block'] as const).flatMap((recompute) =>
    (['32', '16'] as const).map((bits): Kind => ({ model, bits, recompute, trials: [] })),
  ),
);
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-'));
const file = path.join(work, 'batches.json');
const [rows, rowLength] = [1, Number(values.length)];
const batches = await packedBatches({
  model: values.model[0]!,
  data: values.data,
  rows,
  rowLength,
  folder: work,
});
fs.writeFileSync(file, JSON.stringify({ rows, rowLength, steps: Number(values.steps), batches }));
for (let round = 0; round < Number(values.rounds); round++)
  for (const kind of kinds) kind.trials.push(trial(kind));
fs.rmSync(work, { recursive: true });

console.log(
  `\n${os.cpus()[0]?.model ?? 'unknown processor'}, ${values.threads} threads, ${values.rounds} rounds of ${values.steps} steps, the first of each left out\n`,
);
console.log(
  '| model | `--recompute` | weights | peak resident memory | ratio | step | processor time of a step | ratio |',
);
console.log('|---|---|---|---|---|---|---|---|');
kinds.forEach(({ model, bits, recompute, trials }, i) => {
  const exact = kinds[i - (i % 2)]!.trials;
  const cells = [
    ...[path.basename(model), recompute, bits === '16' ? '16 bits' : 'float32'],
    `${(peak(trials) / 1e6).toFixed(0)} MB`,
    (peak(trials) / peak(exact)).toFixed(2),
    `${seconds(trials, 'step_seconds').toFixed(2)} s`,
    `${seconds(trials, 'step_processor_seconds').toFixed(2)} s`,
    (seconds(trials, 'step_processor_seconds') / seconds(exact, 'step_processor_seconds')).toFixed(2),
  ];
  console.log(`| ${cells.join(' | ')} |`);
});
for (const model of values.model) {
  const all = kinds.filter((kind) => kind.model === model).flatMap(({ trials }) => trials);
  const isSame = new Set(all.map(({ losses }) => JSON.stringify(losses))).size === 1;
  console.log(
    `\nThe losses of all trials of ${path.basename(model)} are ${isSame ? 'equal to the bit' : 'not equal'}.`,
  );
}

function trial({ model, bits, recompute }: Kind): Trial {
  const args = [
    ...[path.join(import.meta.dirname, 'fettle-step.ts'), '--model', model, '--batches', file],
    ...['--threads', values.threads, '--recompute', recompute, '--bits', bits],
  ];
  const env = { ...MALLOC_SETTINGS, ...process.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${args.join(' ')} failed:\n${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Trial;
}

const peak = (trials: readonly Trial[]) => median(trials.map((one) => one.peak_rss_bytes));

function seconds(trials: readonly Trial[], which: 'step_seconds' | 'step_processor_seconds'): number {
  return median(trials.flatMap((one) => one[which].slice(1)));
}

/**
 * `npm run bench`: the speed and memory of a LoRA step beside PyTorch with PEFT on the same batches, alternated in one
 * run, each trial in its own process. Prints medians and ratios; a machine that is busy shows in the spread.
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
    model: {
      type: 'string',
      default: path.join(ROOT, '..', 'shared', 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf'),
    },
    /** The same weights as a folder that Transformers reads faster; default: the model itself. */
    'peer-model': { type: 'string' },
    python: { type: 'string', default: process.env.FETTLE_BENCH_PYTHON ?? 'python3' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '6' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    data: { type: 'string', default: path.join(ROOT, 'resources', 'samples', 'support-messages.jsonl') },
  },
});

interface Trial {
  losses: number[];
  step_seconds: number[];
  tokens_per_second: number;
  seconds_to_first_step: number;
  peak_rss_bytes: number;
  matmul_share?: number;
}

if (!fs.existsSync(values.model)) {
  console.error(
    `There is no model at ${values.model}. Give one with --model PATH (SmolLM2-135M-Instruct as GGUF is what the published figures use).`,
  );
  process.exit(2);
}
const hasPeer = spawnSync(values.python, ['-c', 'import torch, transformers, peft']).status === 0;
if (!hasPeer) {
  console.log(
    `${values.python} has no torch, transformers and peft: Fettle runs alone. See tests/bench/peers/README.md; then --python PATH.`,
  );
}
console.log(
  `${os.cpus()[0]?.model ?? 'unknown processor'}, ${values.threads} threads, medians of ${values.rounds} rounds of ${values.steps} steps (first step left out)`,
);

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-'));
for (const [rows, rowLength] of [
  [4, 256],
  [1, 1024],
] as const) {
  const batches = await writeBatches(rows, rowLength);
  compare(`${rows} x ${rowLength} tokens`, batches);
}
measureStart();
fs.rmSync(work, { recursive: true });

/** Packs the sample rows as training does and writes some batches for both sides. */
async function writeBatches(rows: number, rowLength: number): Promise<string> {
  const { model, data } = values;
  const batches = await packedBatches({ model, data, rows, rowLength, folder: work });
  const file = path.join(work, `${rows}x${rowLength}.json`);
  fs.writeFileSync(file, JSON.stringify({ rows, rowLength, steps: Number(values.steps), batches }));
  return file;
}

function compare(title: string, batches: string): void {
  const own: Trial[] = [];
  const full: Trial[] = [];
  const labelled: Trial[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    own.push(fettle(batches));
    if (!hasPeer) continue;
    full.push(peer(batches, 'full'));
    labelled.push(peer(batches, 'labelled'));
  }
  const share = fettle(batches, ['--profile']).matmul_share!;
  console.log(`\nLoRA r16 on all linear layers, ${title}, float32`);
  report('Fettle', own);
  console.log(`  ${'share of time in matrix products'.padEnd(34)} ${(100 * share).toFixed(0)} %`);
  if (!hasPeer) return;
  report('PyTorch + PEFT', full);
  report('PyTorch, labelled rows in the head', labelled);
  const ratio = (peers: Trial[]) =>
    median(own.map((trial, i) => trial.tokens_per_second / peers[i]!.tokens_per_second));
  const memory = (peers: Trial[]) =>
    median(own.map((trial, i) => trial.peak_rss_bytes / peers[i]!.peak_rss_bytes));
  console.log(
    `  Fettle / PyTorch: speed ${ratio(full).toFixed(2)}x, memory ${memory(full).toFixed(2)}x; against labelled rows only: ${ratio(labelled).toFixed(2)}x, ${memory(labelled).toFixed(2)}x`,
  );
  const apart = Math.max(...own[0]!.losses.map((loss, i) => Math.abs(loss - full[0]!.losses[i]!)));
  console.log(`  largest difference of the losses: ${apart.toExponential(1)}`);
}

function report(name: string, trials: readonly Trial[]): void {
  const speeds = trials.map((trial) => trial.tokens_per_second);
  const range = `${Math.min(...speeds).toFixed(0)} to ${Math.max(...speeds).toFixed(0)}`;
  const memory = (median(trials.map((trial) => trial.peak_rss_bytes)) / 1e9).toFixed(2);
  const first = median(trials.map((trial) => trial.seconds_to_first_step)).toFixed(1);
  console.log(
    `  ${name.padEnd(34)} ${median(speeds).toFixed(0)} tokens/s (${range}), peak ${memory} GB, first step done after ${first} s`,
  );
}

/** Time from the command to the end of the first step of `fettle train`, as a person meets it. */
function measureStart(): void {
  const seconds: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const out = path.join(work, `run-${round}`);
    const args = [
      path.join(ROOT, 'bin', 'fettle.js'),
      'train',
      '--model',
      values.model,
      '--data',
      values.data,
      '--out',
      out,
      '--max-steps',
      '1',
      '--held-out',
      '0',
      '--threads',
      values.threads,
      '--no-assess',
      '--json',
    ];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const done = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; secondsToFirstStep?: number })
      .at(-1);
    seconds.push(done?.secondsToFirstStep ?? Number.NaN);
  }
  console.log(
    `\nfettle train, from the command to the end of the first step: ${median(seconds).toFixed(1)} s (${seconds.map((s) => s.toFixed(1)).join(', ')})`,
  );
}

function fettle(batches: string, more: readonly string[] = []): Trial {
  const args = [
    path.join(import.meta.dirname, 'fettle-step.ts'),
    '--model',
    values.model,
    '--batches',
    batches,
    '--threads',
    values.threads,
    ...more,
  ];
  return trial(process.execPath, args, { ...MALLOC_SETTINGS, ...process.env });
}

function peer(batches: string, head: string): Trial {
  const model = values['peer-model'] ?? values.model;
  const args = [
    path.join(import.meta.dirname, 'peers', 'pytorch_lora.py'),
    '--model',
    model,
    '--batches',
    batches,
    '--threads',
    values.threads,
    '--head',
    head,
    '--json',
  ];
  return trial(values.python, args, process.env);
}

function trial(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Trial {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed:\n${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Trial;
}

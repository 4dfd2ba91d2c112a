/**
 * `npm run bench:recompute`: a LoRA step that keeps its activations beside steps that compute some of them again; with `-- --bits 4,8`
 * also beside steps with weights of so many bits. Each trial has a process of its own, in turns. Prints the tables of docs/memory.md.
 * `--only none,third:4` measures these kinds alone.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { GraphFigures } from '../../main/engine/pricing/graph-figures.ts';
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
    data: { type: 'string', default: path.join(ROOT, 'resources', 'samples', 'support-messages.jsonl') },
    length: { type: 'string', default: '1024' },
    bits: { type: 'string', default: '' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
  },
});

const RECOMPUTES = ['none', 'attention', 'third', 'half', 'block'];
/** What is computed again and the bits of the weights, with a space between; float32 without. */
const KINDS =
  values.only?.split(',').map((kind) => kind.replace(':', ' ')) ??
  ['', ...values.bits.split(',').filter(Boolean)].flatMap((bits) =>
    RECOMPUTES.map((recompute) => `${recompute} ${bits}`.trim()),
  );

interface Trial {
  readonly losses: readonly number[];
  readonly step_seconds: readonly number[];
  readonly step_processor_seconds: readonly number[];
  readonly peak_rss_bytes: number;
  readonly predicted: GraphFigures;
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-'));
const length = Number(values.length);
const { model, data } = values;
const batches = await packedBatches({ model, data, rows: 1, rowLength: length, folder: work });
const file = path.join(work, 'batches.json');
fs.writeFileSync(file, JSON.stringify({ rows: 1, rowLength: length, steps: Number(values.steps), batches }));
const trials = new Map<string, Trial[]>(KINDS.map((kind) => [kind, []]));
for (let round = 0; round < Number(values.rounds); round++)
  for (const kind of KINDS) trials.get(kind)!.push(trial(kind));
fs.rmSync(work, { recursive: true });

console.log(
  `\n${os.cpus()[0]?.model ?? 'unknown processor'}, ${values.threads} threads, ${values.rounds} rounds of ${values.steps} steps, the first of several left out\n`,
);
console.log(
  '| `--recompute`, bits | values at the peak | of them activations | ratio | peak resident memory | ratio | operations | step | processor time of a step | ratio |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
const plain = trials.values().next().value!;
for (const [kind, own] of trials) {
  const { predicted } = own[0]!;
  const peak = predicted.after.bytes > predicted.turn.bytes ? predicted.after : predicted.turn;
  const cells = [
    kind,
    megabytes(peak.bytes),
    megabytes(activations(own)),
    (activations(own) / activations(plain)).toFixed(2),
    megabytes(peakBytes(own)),
    (peakBytes(own) / peakBytes(plain)).toFixed(2),
    `${(predicted.flops / 1e9).toFixed(0)} G`,
    `${seconds(own, 'step_seconds').toFixed(2)} s`,
    `${seconds(own, 'step_processor_seconds').toFixed(2)} s`,
    (seconds(own, 'step_processor_seconds') / seconds(plain, 'step_processor_seconds')).toFixed(2),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
const byBits = Map.groupBy([...trials], ([kind]) => kind.split(' ')[1] ?? '32');
for (const [bits, own] of byBits) {
  const losses = new Set(own.flatMap(([, one]) => one.map((trial) => JSON.stringify(trial.losses))));
  console.log(
    `\nThe losses of all trials with ${bits} bits are ${losses.size === 1 ? '' : 'not '}equal to the bit.`,
  );
}

function trial(kind: string): Trial {
  const args = [
    ...[path.join(import.meta.dirname, 'fettle-step.ts'), '--model', model, '--batches', file],
    ...['--threads', values.threads, '--recompute', kind.split(' ')[0]!],
    ...(kind.includes(' ') ? ['--bits', kind.split(' ')[1]!] : []),
  ];
  const env = { ...MALLOC_SETTINGS, ...process.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${args.join(' ')} failed:\n${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Trial;
}

function peakBytes(own: readonly Trial[]): number {
  return median(own.map((one) => one.peak_rss_bytes));
}

/** What is alive at the peak but for the logits and what else the head makes, bytes. */
function activations(own: readonly Trial[]): number {
  const { turn, after } = own[0]!.predicted;
  const peak = after.bytes > turn.bytes ? after : turn;
  return peak.bytes - peak.lossBytes;
}

function seconds(own: readonly Trial[], which: 'step_seconds' | 'step_processor_seconds'): number {
  return median(own.flatMap((one) => one[which].slice(one[which].length > 1 ? 1 : 0)));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

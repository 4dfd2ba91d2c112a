/**
 * `npm run bench:full`: what full fine-tuning takes with what saves memory in it, each setting in a process of its own. Runs `fettle train`
 * itself and prints the table of docs/memory.md: peak resident memory as measured and as predicted, and the time of a step.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { DoneEvent, EngineEvent } from '../../common/protocol/protocol.ts';
import { peakMemory } from '../../main/plan/peak-memory.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const { values } = parseArgs({
  options: {
    model: {
      type: 'string',
      default: path.join(ROOT, '..', 'shared', 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf'),
    },
    data: { type: 'string', default: path.join(ROOT, 'resources', 'samples', 'support-answers.jsonl') },
    length: { type: 'string', default: '1024' },
    /** Tokens that go through the model at once. */
    tokens: { type: 'string', default: '1024' },
    steps: { type: 'string', default: '4' },
    /** Which rows of the table, counted from 0; ratios are to the first of them. */
    rows: { type: 'string', default: '0,1,2,3,4,5,6,7,8,9' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
  },
});

const SETTINGS: readonly (readonly string[])[] = [
  [],
  ['--optimizer', 'adamw-8bit'],
  ['--recompute', 'attention', '--optimizer', 'adamw-8bit'],
  ['--recompute', 'block'],
  ['--recompute', 'block', '--optimizer', 'adamw-8bit'],
  ['--recompute', 'block', '--master-bits', '16'],
  ['--recompute', 'block', '--optimizer', 'adamw-8bit', '--master-bits', '16'],
  ['--layerwise-update'],
  ['--layerwise-update', '--optimizer', 'adamw-8bit'],
  ['--layerwise-update', '--optimizer', 'adamw-8bit', '--master-bits', '16'],
];

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-'));
console.log(
  `\n${os.cpus()[0]?.model ?? 'unknown processor'}, ${values.threads} threads, ${values.steps} steps of ${values.tokens} tokens, load ${os.loadavg()[0]!.toFixed(1)}\n`,
);
console.log(
  '| full fine-tuning | peak resident memory | ratio | as predicted | off by | a step | speed | loss of the last step |',
);
console.log('|---|---|---|---|---|---|---|---|');
let plain: DoneEvent | null = null;
for (const row of values.rows.split(',')) {
  const settings = SETTINGS[Number(row)]!;
  const done = trained(settings, path.join(work, row));
  plain ??= done;
  const predicted = peakMemory(done.price!).residentBytes;
  const cells = [
    settings.length === 0 ? 'plain' : `\`${settings.join(' ')}\``,
    megabytes(done.peakRssBytes),
    (done.peakRssBytes / plain.peakRssBytes).toFixed(2),
    megabytes(predicted),
    `${(100 * (predicted / done.peakRssBytes - 1)).toFixed(1)} %`,
    `${done.stepSeconds!.toFixed(2)} s`,
    (plain.stepSeconds! / done.stepSeconds!).toFixed(2),
    done.finalLoss!.toFixed(4),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
fs.rmSync(work, { recursive: true });

/** The last event of a run with these settings. */
function trained(settings: readonly string[], out: string): DoneEvent {
  const args = [
    ...[path.join(ROOT, 'bin', 'fettle.js'), 'train', '--json', '--method', 'full', '--out', out],
    ...['--model', values.model, '--data', values.data, '--max-length', values.length],
    ...['--tokens-per-micro-batch', values.tokens],
    ...['--threads', values.threads, '--max-steps', values.steps, '--held-out', '0', '--no-assess'],
    ...['--save-every-minutes', '0', ...settings],
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EngineEvent);
  const done = events.find((event) => event.event === 'done');
  if (!done) throw new Error(`fettle ${args.slice(1).join(' ')} failed:\n${stderr.slice(-2000)}`);
  fs.rmSync(out, { recursive: true });
  return done;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

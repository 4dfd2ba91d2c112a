/**
 * Whether another checkout of Fettle gives the same results to the bit: trainings of three steps by each method, their files, plans, evaluations,
 * answers, exports and data checks. Run `npm run bench:same -- --other FOLDER [--model FILE] [-- FLAGS]`; it writes a line for each case,
 * below it the fields that differ, and ends with 1 where one does. Times, speeds, memory and dates are left out, and paths are those of one
 * place. Flags after `--` go to each training: with those that one checkout would choose otherwise by itself, the rest can be compared.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as extras from '../extras/bench.ts';
import type { BenchExtra } from '../extras/bench-extra.ts';

const HERE = path.resolve(import.meta.dirname, '..', '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { other: { type: 'string' }, model: { type: 'string' }, only: { type: 'string' } },
});
if (!values.other) throw new Error('Name the other checkout: --other FOLDER');
const other = path.resolve(values.other);
const places = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-same-'));
/** As long for one checkout as for the other: paths are in files whose sizes are compared. */
const workOf = (root: string) => path.join(places, root === HERE ? 'here' : 'that');

// the same files for both: samples change from one commit to another
const MODEL = path.resolve(values.model ?? path.join(HERE, 'resources', 'practice-model'));
const ROWS = path.join(HERE, 'resources', 'samples', 'support-messages.jsonl');
const TRAIN = [
  'train',
  '--model',
  MODEL,
  '--data',
  ROWS,
  '--max-steps',
  '3',
  '--max-length',
  '64',
  '--no-assess',
  '--threads',
  '2',
  '--json',
  ...positionals,
];
/** Where the run of the first case is, for those after it. */
const LORA = '<lora>';

const EXTRAS = Object.entries<BenchExtra>(extras);
const MADE = EXTRAS.flatMap(([name, { made }]) => (made ? [[name, made(LORA)] as const] : []));

/** Each case: its name, and what `fettle` is called with. A folder of a case's name is where its files go. */
const CASES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['lora', TRAIN],
  ['accumulation', [...TRAIN, '--gradient-accumulation', '2', '--dropout', '0.1', '--recompute', 'block']],
  ['dora', [...TRAIN, '--dora', '--layers', 'last-1', '--stay-close', '10', '--replay', '0.1']],
  ['qlora', [...TRAIN, '--method', 'qlora']],
  ['nf4', [...TRAIN, '--method', 'qlora', '--quant', 'nf4', '--no-double-quant', '--new-token', '<urgent>']],
  ['halves', [...TRAIN, '--bits', '16', '--split-micro-batch', '2']],
  ['full', [...TRAIN, '--method', 'full', '--optimizer', 'adamw-8bit']],
  ['full-16', [...TRAIN, '--method', 'full', '--master-bits', '16']],
  ...EXTRAS.flatMap(([name, { train }]) => (train ? [[name, [...TRAIN, ...train]] as const] : [])),
  // rows on their own: what they begin with is computed once else, and sums go in another order
  [
    'eval',
    [
      'eval',
      '--model',
      MODEL,
      '--adapter',
      LORA,
      '--data',
      ROWS,
      '--max-length',
      '64',
      '--no-packing',
      '--json',
    ],
  ],
  [
    'generate',
    ['generate', '--model', MODEL, '--adapter', LORA, '--prompt', 'Where is my parcel?', '--json'],
  ],
  ['assess', ['assess', '--run', LORA, '--rows', '8', '--json']],
  // how much a comparison asks without a number of rows hangs on the time
  ...MADE,
  ['gguf.gguf', ['export', '--run', LORA, '--as', 'gguf', '--type', 'q8_0', '--json']],
  ['merged', ['export', '--run', LORA, '--as', 'safetensors', '--json']],
  ['plan', ['plan', '--model', MODEL, '--data', ROWS, '--json']],
  ['inspect', ['inspect', MODEL, '--json']],
  ['show', ['data', 'show', ROWS, '--json']],
  ['check', ['data', 'check', ROWS, '--json']],
];

const WITH_FILES = new RegExp(
  `^(lora|accumulation|dora|qlora|nf4|halves|full|full-16|${EXTRAS.map(([name]) => name).join('|')}|assess|merged)$`,
);
const VOLATILE =
  /(Ms|PerSecond|[sS]econds\w*|Bytes|[tT]ime|date|[dD]ay|load|version|modelHash|modelKey|kwh|energy|cost|watts|processor|headroom)$|^(rss|memory|free|id$|created|started|ended|seconds|bytes$|host|lock|minutes|hours|probability|fits?$)/;

/** Rows of a report that hang on when it was made, and on when the files of the model were. */
const OF_ITS_TIME = /(<td>(?:Compared|Training took|Model \(checksum\))<\/td>)<td>.*?<\/td>/g;

function placedIn(text: string, work: string): string {
  return text.replaceAll(work, '<work>').replaceAll(HERE, '<program>').replaceAll(other, '<program>');
}

/** Without what differs from one run to the next, and whatever the order of keys. */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => !VOLATILE.test(key));
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, settled(inner)]),
  );
}

function parsed(line: string): string {
  try {
    return JSON.stringify(settled(JSON.parse(line)));
  } catch {
    return line;
  }
}

/** What a checkout says and writes in one case, as lines that can be compared. */
function outcome(root: string, name: string, args: readonly string[]): string[] {
  const work = workOf(root);
  const out = path.join(work, name);
  fs.mkdirSync(work, { recursive: true });
  const isWriting = /^(train|export)$/.test(args[0] ?? '') || MADE.some(([made]) => made === name);
  const target = isWriting ? ['--out', out] : [];
  const env = { ...process.env, FETTLE_HOME: path.join(work, 'home') };
  const lora = path.join(work, 'lora');
  const given = args.map((arg) => (arg === LORA ? lora : arg));
  const run = spawnSync('node', ['bin/fettle.js', ...given, ...target], {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const placed = placedIn(run.stdout, work);
  const lines = placed.split('\n').filter((line) => line !== '' && !/"event":"(phase|beat|log)"/.test(line));
  const said = (lines.length > 1 && lines[0]?.startsWith('{"') ? lines : [placed]).map(parsed);
  return [
    `exit ${run.status}${run.status === 0 ? '' : ` ${run.stderr.slice(-400)}`}`,
    ...said,
    ...(WITH_FILES.test(name) ? written(name === 'assess' ? lora : out, work) : []),
  ];
}

/** The files of a folder, each with the hash of its content; of JSON and text what does not differ from run to run. */
function written(folder: string, work: string): string[] {
  if (!fs.existsSync(folder)) return ['no folder'];
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter(
      (file) => fs.statSync(path.join(folder, file)).isFile() && !/checkpoints|\.lock$|\.log$/.test(file),
    )
    .map((file) => {
      const content = fs.readFileSync(path.join(folder, file));
      const placed = () => placedIn(content.toString(), work);
      if (file.endsWith('.html')) return `${file} ${placed().replace(OF_ITS_TIME, '$1')}`;
      if (/\.jsonl?$/.test(file) && content.length < 1e6)
        return `${file} ${placed()
          .split(/\n(?=\{)/)
          .map(parsed)
          .join('\n')}`;
      return `${file} ${content.length} ${createHash('sha256').update(content).digest('hex')}`;
    });
}

/** A line in parts that have a name: fields of JSON, with the event or the file that they are in. */
function fieldsOf(line: string): Map<string, string> {
  const [, file = '', json] = /^(\S+ )?(\{.*\})$/s.exec(line) ?? [];
  try {
    const value = JSON.parse(json ?? '') as Record<string, unknown>;
    const title = file === '' ? `${value.event ?? 'result'}.` : `${file.trim()}: `;
    return new Map(Object.entries(value).map(([key, inner]) => [title + key, JSON.stringify(inner)]));
  } catch {
    const [first = '', ...rest] = line.split(' ');
    return new Map([[first, rest.join(' ')]]);
  }
}

/** The names of fields that are there once, or twice with other values. */
function differences(before: readonly string[], after: readonly string[]): string[] {
  const [was, is] = [before, after].map((lines) =>
    Map.groupBy(
      lines.flatMap((line) => [...fieldsOf(line)]),
      ([name]) => name,
    ),
  );
  const names = new Set([...was!.keys(), ...is!.keys()]);
  return [...names].filter((name) => JSON.stringify(was!.get(name)) !== JSON.stringify(is!.get(name)));
}

let differing = 0;
for (const [name, args] of CASES) {
  if (values.only && !values.only.split(',').includes(name)) continue;
  const [before, after] = [outcome(other, name, args), outcome(HERE, name, args)];
  const fields = differences(before, after);
  differing += fields.length > 0 ? 1 : 0;
  console.log(`${fields.length === 0 ? 'same' : 'DIFFERS'}  ${name}  ${before[0]}  ${after.length} lines`);
  for (const field of fields) console.log(`  ${field}`);
}
fs.rmSync(places, { recursive: true, force: true });
process.exitCode = differing === 0 ? 0 : 1;

/**
 * What models learn from the samples by the app's own plan, kept for the samples' cards:
 * `npm run samples:results -- --models FOLDER...`. A result that is kept isn't made again, so what was interrupted continues with the same
 * command: first all trainings, then all comparisons. To measure one again, delete its line.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { SampleResult, SampleSet } from '../../common/api/contract.ts';
import type { AssessResult } from '../../common/protocol/protocol.ts';
import { GOAL_SETTINGS, SAMPLES } from '../../common/settings/suits.ts';
import { RESULTS_FILE, sampleResults, sampleSets } from '../../main/app/samples.ts';
import { machineFacts, versions } from '../../main/versions.ts';
import { flagsIn, objectsIn } from '../../tests/bench/contenders.ts';
import { type Cost, metered } from '../../tests/bench/meter.ts';
import { modelsIn, resultOf } from './kept.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const BIN = path.join(ROOT, 'bin/fettle.js');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', multiple: true },
    samples: { type: 'string' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    'max-rows': { type: 'string' },
    /** `train` or `compare`: one half alone, where the other waits for a quiet hour. */
    only: { type: 'string' },
    work: { type: 'string', default: path.join(os.tmpdir(), 'fettle-samples') },
    keep: { type: 'string', default: RESULTS_FILE },
  },
});
const models = [...(values.models ?? []), ...positionals].flatMap(modelsIn);
if (models.length === 0) throw new Error('Give --models FOLDER with models in it.');
const wanted = values.samples?.split(',');
const samples = (await sampleSets()).filter(({ name }) => wanted?.includes(name) ?? true);
if (wanted) samples.sort((a, b) => wanted.indexOf(a.name) - wanted.indexOf(b.name));

interface Bout {
  readonly sample: SampleSet;
  readonly model: { readonly name: string; readonly path: string };
  readonly folder: string;
}

/** What is kept of a training beside its run, so that only its comparison is left to do. */
interface Trained {
  readonly flags: string;
  readonly cost: Cost;
}

const kept = await sampleResults(values.keep);
const bouts = models.flatMap((model) =>
  samples
    .map(
      (sample): Bout => ({ sample, model, folder: path.join(values.work, `${sample.name} ${model.name}`) }),
    )
    .filter((bout) => !kept.some((one) => isOf(one, bout))),
);
let failures = 0;
const halves = Object.entries({ train, compare }).filter(([name]) => name === (values.only ?? name));
for (const [name, work] of halves) for (const bout of bouts) await attempt(name, bout, work);
if (failures > 0) process.exitCode = 1;

function isOf(result: SampleResult, { sample, model }: Bout): boolean {
  return result.sample === sample.name && result.model === model.name;
}

/** A failure is told, and the next begins. */
async function attempt(what: string, bout: Bout, work: (bout: Bout) => Promise<void>): Promise<void> {
  const { sample, model } = bout;
  console.error(`${new Date().toISOString()} ${what} ${model.name} on ${sample.name}`);
  try {
    await work(bout);
  } catch (error) {
    failures++;
    console.error(`  failed: ${(error as Error).message}`);
  }
}

function fettle(args: readonly string[]) {
  return metered(process.execPath, [BIN, ...args, '--json']);
}

function noteOf({ folder }: Bout): string {
  return path.join(folder, 'trained.json');
}

function runOf({ folder }: Bout): string {
  return path.join(folder, 'run');
}

/** Trains by the plan, as the app does with a sample: its test rows, its instruction, its goal's settings. */
async function train(bout: Bout): Promise<void> {
  if (fs.existsSync(noteOf(bout))) return;
  const { sample, model, folder } = bout;
  const { system, goals } = SAMPLES[sample.name] ?? { goals: [] };
  const goal = goals[0] === undefined ? undefined : GOAL_SETTINGS[goals[0]];
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const given = [
    ...['--model', model.path, '--data', rowsOf(bout), '--eval-data', sample.heldOut!],
    ...Object.entries(goal ?? {}).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...['--threads', values.threads],
  ];
  // an instruction has spaces, at which flags are split
  const instruction = system === undefined ? [] : ['--system', system];
  const { said } = await fettle(['plan', ...given, ...instruction, '--propose']);
  const { command } = objectsIn(said).at(-1) as { readonly command: string };
  const own = new Set([...given.filter((one) => one.startsWith('--')), '--out']);
  const flags = flagsIn(command.replace(/ --system "[^"]*"/, ''), own);
  const out = ['--out', runOf(bout), '--no-assess'];
  const { cost } = await fettle(['train', ...given, ...instruction, ...flags, ...out]);
  const note: Trained = { flags: flags.join(' '), cost };
  fs.writeFileSync(noteOf(bout), JSON.stringify(note));
}

/** The sample's rows, or the first of them where fewer were asked for. */
function rowsOf({ sample, folder }: Bout): string {
  if (values['max-rows'] === undefined || !sample.path.endsWith('.jsonl')) return sample.path;
  const file = path.join(folder, path.basename(sample.path));
  const lines = fs.readFileSync(sample.path, 'utf8').split('\n').filter(Boolean);
  fs.writeFileSync(file, `${lines.slice(0, Number(values['max-rows'])).join('\n')}\n`);
  return file;
}

/** What a card says of a cost. */
function spent({ seconds, processorSeconds, load }: Cost): SampleResult['costs']['training'] {
  return { seconds, ...(processorSeconds !== undefined && { processorSeconds }), load };
}

/** Rows of a file of JSON lines; parts of running text are counted by nobody. */
function linesOf(file: string): number {
  if (!file.endsWith('.jsonl')) return 0;
  return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).length;
}

async function compare(bout: Bout): Promise<void> {
  if (!fs.existsSync(noteOf(bout))) return;
  const { flags, cost } = JSON.parse(fs.readFileSync(noteOf(bout), 'utf8')) as Trained;
  const assessed = await fettle(['assess', '--run', runOf(bout), '--threads', values.threads]);
  const assessment = JSON.parse(
    fs.readFileSync(path.join(runOf(bout), 'assessment.json'), 'utf8'),
  ) as AssessResult;
  const { system: _, platform: __, ...machine } = machineFacts();
  const result = resultOf(assessment, {
    sample: bout.sample.name,
    model: bout.model.name,
    file: path.basename(bout.model.path),
    date: new Date().toISOString().slice(0, 10),
    version: versions().fettle,
    commit: commitOf(),
    machine: { ...machine, threads: Number(values.threads) },
    flags,
    rows: linesOf(rowsOf(bout)),
    costs: { training: spent(cost), comparison: spent(assessed.cost) },
  });
  fs.appendFileSync(values.keep, `${JSON.stringify(result)}\n`);
}

/** The newest commit that changed what is measured. */
function commitOf(): string {
  const paths = ['main', 'common', 'bin', 'resources'];
  const args = ['log', '-1', '--abbrev=8', '--format=%h', '--', ...paths];
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
}

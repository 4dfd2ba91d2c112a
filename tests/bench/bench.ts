/**
 * `npm run bench`: Fettle's speed and memory by a table of cases (cases.ts), each trial in a process of its own, contenders in turns.
 * `-- --only headline,full` measures these cases, `--contenders WORD,WORD` those of them whose names hold a word, `--quick` small
 * amounts once. Results join those in `--out`, of which `--show` prints the tables and `--plots FOLDER` draws the growth.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EnergyMeter, wattHours, wattsPerCore } from '../../main/energy.ts';
import { processorName } from '../../main/processes.ts';
import { CASES, type CaseName, type Setting } from './cases.ts';
import { type Figures, type Measured, tableOf } from './figures.ts';
import { Inputs } from './inputs.ts';
import { writePlots } from './plots.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const { values } = parseArgs({
  options: {
    model: {
      type: 'string',
      default: path.join(ROOT, '..', 'shared', 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf'),
    },
    only: { type: 'string', default: Object.keys(CASES).join() },
    contenders: { type: 'string' },
    rounds: { type: 'string' },
    steps: { type: 'string' },
    quick: { type: 'boolean', default: false },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    /** See peers/README.md; without it Fettle runs alone. */
    python: { type: 'string', default: process.env.FETTLE_BENCH_PYTHON },
    out: { type: 'string', default: path.join(os.tmpdir(), 'fettle-bench.json') },
    inputs: { type: 'string', default: path.join(os.tmpdir(), 'fettle-bench-inputs') },
    show: { type: 'boolean', default: false },
    plots: { type: 'string' },
  },
});

/** Everything that was measured, by case. */
interface Results {
  readonly [name: string]: {
    readonly processor: string;
    readonly threads: number;
    readonly at: string;
    /** Other programs' load before the case, as the system tells it. */
    readonly load: number;
    readonly steps: number;
    readonly measured: readonly Measured[];
  };
}

const names = values.only.split(',');
const unknown = names.filter((name) => !Object.hasOwn(CASES, name));
if (unknown.length > 0)
  fail(`There is no case ${unknown.join(', ')}. There are ${Object.keys(CASES).join(', ')}.`);
if (!fs.existsSync(values.model))
  fail(`There is no model at ${values.model}. Name SmolLM2-135M-Instruct as GGUF with --model.`);

const results: Record<string, Results[string]> = fs.existsSync(values.out)
  ? (JSON.parse(fs.readFileSync(values.out, 'utf8')) as Results)
  : {};
if (!values.show) for (const name of names) await measure(name as CaseName);
for (const name of names) show(name as CaseName);
if (values.plots) writePlots(values.plots, results);

async function measure(name: CaseName): Promise<void> {
  const inputs = new Inputs(values.inputs);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const setting: Setting = {
    ...{ model: values.model, threads: Number(values.threads), inputs, isQuick: values.quick },
    steps: Number(values.steps ?? (values.quick ? 2 : 4)),
    peers: values.python ? { python: values.python, model: peerModel(values.python, inputs) } : null,
  };
  const wanted = values.contenders?.split(',');
  const contenders = (await CASES[name].contenders(setting)).filter(
    (one) => !wanted || wanted.some((word) => one.name.includes(word)),
  );
  const about = {
    ...{ processor: os.cpus()[0]?.model ?? '', threads: setting.threads, at: new Date().toISOString() },
    ...{ load: os.loadavg()[0]!, steps: setting.steps },
  };
  const trials = new Map<string, Figures[]>(contenders.map((one) => [one.name, []]));
  const errors = new Map<string, string>();
  const keep = () => {
    const measured = [...trials].map(([name, own]): Measured => {
      const error = errors.get(name);
      return { name, trials: own, ...(error !== undefined && { error }) };
    });
    results[name] = { ...about, measured };
    fs.writeFileSync(values.out, `${JSON.stringify(results, null, 1)}\n`);
  };
  for (let round = 0; round < rounds; round++)
    for (const one of contenders) {
      if (errors.has(one.name)) continue;
      try {
        const figures = await withEnergy(() => one.run());
        trials.get(one.name)!.push(figures);
        console.error(`${name} ${round + 1}: ${one.name} ${JSON.stringify(figures)}`);
      } catch (error) {
        errors.set(one.name, (error as Error).message);
        console.error(`${name}: ${one.name} failed: ${(error as Error).message}`);
      }
      // a run that is cut off keeps what it has
      keep();
    }
}

/** What the system counts of a trial, and an estimate that leaves out its start: the same for all who tell their processor time. */
async function withEnergy(run: () => Promise<Figures>): Promise<Figures> {
  const meter = new EnergyMeter();
  // counters start over
  const timer = setInterval(() => meter.used(), 60_000);
  const figures = await run().finally(() => clearInterval(timer));
  const used = meter.used();
  const { tokensPerProcessorSecond: rate } = figures;
  const joulesEach = wattsPerCore(processorName());
  return {
    ...figures,
    ...(used.isMeasured && { wattHours: wattHours(used) }),
    ...(rate !== undefined && { tokensPerWattHour: (3600 * rate) / joulesEach }),
  };
}

/** The model as a folder: Transformers reads one in a second, a GGUF file in half a minute. */
function peerModel(python: string, inputs: Inputs): string {
  if (fs.statSync(values.model).isDirectory()) return values.model;
  const folder = inputs.at('peer-model');
  if (fs.existsSync(path.join(folder, 'config.json'))) return folder;
  const script = path.join(import.meta.dirname, 'peers', 'to_folder.py');
  const { status, stderr } = spawnSync(python, [script, values.model, folder], { encoding: 'utf8' });
  if (status !== 0)
    fail(`${python} did not convert the model, see tests/bench/peers/README.md: ${stderr.slice(-500)}`);
  return folder;
}

function show(name: CaseName): void {
  const found = results[name];
  if (!found) return;
  const { processor, threads, at, load, steps, measured } = found;
  console.log(`\n## ${name}: ${CASES[name].about}\n`);
  console.log(`${processor}, ${threads} threads, ${steps} steps, load ${load.toFixed(1)}, ${at}\n`);
  console.log(tableOf(measured, CASES[name].figures));
  for (const one of measured) {
    const shares = Object.entries(one.trials[0]?.shares ?? {});
    if (shares.length === 0) continue;
    const parts = shares.map(([operation, share]) => `${operation} ${(100 * share).toFixed(1)}%`);
    console.log(`\n${one.name}: ${parts.join(', ')}`);
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

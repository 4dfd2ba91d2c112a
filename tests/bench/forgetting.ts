/**
 * What a model forgets by how many rows it learns, and of how many topics: `npm run bench:forgetting -- --models PATH,PATH`. Each seed draws
 * its own rows. Every run adds a line of JSON to the kept file and is not made again while that stands there, so what was interrupted
 * continues with the same command. docs/verdict.md shows the table.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deskOf, firstOf, practiceRows } from '../../main/app/practice.ts';
import { Rng, streamSeed } from '../../main/rows/rng.ts';
import { machineFacts, versions } from '../../main/versions.ts';
import { withTables } from '../../scripts/docs-tables.ts';
import type { Forgotten } from './forgetting-judge.ts';
import {
  CONDITIONS,
  type Condition,
  FORGETTING_FILE,
  type ForgettingLine,
  forgettingLines,
  forgettingTable,
  isOf,
  passesOf,
  type Setting,
  settingOf,
} from './forgetting-table.ts';
import { metered } from './meter.ts';

const ROOT = path.join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    models: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3,4,5,6,7,8,9,10' },
    threads: { type: 'string', default: '1' },
    keep: { type: 'string', default: FORGETTING_FILE },
    work: { type: 'string', default: path.join(os.tmpdir(), 'fettle-forgetting') },
  },
});
const { keep, work, threads } = values;
if (!values.models) throw new Error('Give --models PATHS, with commas between.');
const sample = practiceRows();

// seed by seed, so that what is interrupted has as many runs of each condition
for (const model of values.models.split(',').map((file) => path.resolve(file)))
  for (const seed of values.seeds.split(',').map(Number))
    for (const condition of CONDITIONS) await bout(model, seed, condition);

if (path.resolve(keep) === FORGETTING_FILE) {
  const file = path.join(ROOT, 'docs/verdict.md');
  fs.writeFileSync(file, await withTables(fs.readFileSync(file, 'utf8')));
} else console.log(forgettingTable(forgettingLines(keep)));

async function bout(model: string, seed: number, condition: Condition): Promise<void> {
  const setting = settingOf(path.basename(model));
  const asked = { model: path.basename(model), condition: condition.name, seed };
  if (forgettingLines(keep).some((line) => isOf(line, asked))) return;
  console.error(`${new Date().toISOString()} ${Object.values(asked).join(' ')}`);
  const folder = path.join(work, Object.values(asked).join(' '));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const { train, test } = writeRows(folder, seed, condition, setting);
  const run = path.join(folder, 'run');
  const flags = [...setting.flags, '--epochs', String(passesOf(condition, setting))];
  const given = [
    '--model',
    model,
    '--data',
    train,
    '--out',
    run,
    '--seed',
    String(seed),
    '--threads',
    threads,
  ];
  const bin = path.join(ROOT, 'bin/fettle.js');
  const usual = ['--held-out', '0', '--no-assess', '--json'];
  const trained = await metered(process.execPath, [bin, 'train', ...given, ...flags, ...usual]);
  const judge = { kind: 'category', train, test, model, run, seed, threads: Number(threads) };
  const judging = [path.join(import.meta.dirname, 'forgetting-judge.ts'), JSON.stringify(judge)];
  const judged = await metered(process.execPath, judging);
  const line: ForgettingLine = {
    ...asked,
    ...{ at: new Date().toISOString(), version: versions().fettle, machine: machineFacts() },
    ...{ threads: Number(threads), flags: flags.join(' ') },
    ...(JSON.parse(judged.said.trim().split('\n').at(-1)!) as Forgotten),
    costs: { training: trained.cost, judging: judged.cost },
  };
  fs.mkdirSync(path.dirname(path.resolve(keep)), { recursive: true });
  fs.appendFileSync(keep, `${JSON.stringify(line)}\n`);
  fs.rmSync(folder, { recursive: true });
}

/** The rows of one run, drawn by its seed, and test rows of the same topics. */
function writeRows(folder: string, seed: number, { rows, topics }: Condition, { tests }: Setting) {
  const [learned, kept] = [sample.data, sample.evalData].map((file) => shuffled(linesIn(file), seed));
  const train = firstOf(learned!.join('\n'), rows, topics);
  const desks = new Set(train.map(deskOf));
  const test = kept!.filter((line) => desks.has(deskOf(line))).slice(0, tests);
  const write = (name: string, lines: readonly string[]) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, `${lines.map(withInstruction).join('\n')}\n`);
    return file;
  };
  return { train: write('train.jsonl', train), test: write('test.jsonl', test) };
}

function linesIn(file: string): string[] {
  return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

function shuffled(lines: readonly string[], seed: number): string[] {
  const order = Uint32Array.from(lines.keys());
  return [...Rng.fromSeed(streamSeed(seed, 'forgetting')).shuffle(order)].map((place) => lines[place]!);
}

function withInstruction(line: string): string {
  const { messages } = JSON.parse(line) as { messages: readonly object[] };
  return JSON.stringify({ messages: [{ role: 'system', content: sample.system }, ...messages] });
}

/**
 * Trains on real tasks through the commands, as a person would, beside simpler ways and other programs, and judges all on rows that no
 * training saw: `npm run bench:tasks -- --data FOLDER --models PATH`. docs/tasks.md says what else can be given. Every run adds a line of
 * JSON to the kept file and is not made again while that stands there, so what was interrupted continues with the same command. With `--own`
 * a person's own rows are the task.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { machineFacts } from '../../main/versions.ts';
import { withTables } from '../../scripts/docs-tables.ts';
import { type Bout, CONTENDERS, type Contender, type Learned, withFlags } from './contenders.ts';
import { metered } from './meter.ts';
import { ownTask, type Task, tasksIn, writeRows } from './task-data.ts';
import type { Judged } from './task-judge.ts';
import { KEPT_FILE, keptIn, type Line, scoreTable, writePictures } from './task-table.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    own: { type: 'string', multiple: true },
    models: { type: 'string' },
    tasks: { type: 'string' },
    contenders: { type: 'string' },
    flags: { type: 'string', multiple: true },
    seeds: { type: 'string', default: '42' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    keep: { type: 'string', default: KEPT_FILE },
    work: { type: 'string', default: path.join(os.tmpdir(), 'fettle-tasks') },
    python: { type: 'string', default: process.env.FETTLE_PEER_PYTHON ?? '' },
    vectors: { type: 'string', default: process.env.FETTLE_SENTENCE_MODEL ?? '' },
  },
});
const { data, own, keep, work } = values;
if (!(data || own) || !values.models)
  throw new Error('Give --data FOLDER, or --own NAME=KIND:FOLDER, and --models PATHS.');
if (own && path.resolve(keep) === KEPT_FILE) throw new Error('With --own give --keep FILE.');

const chosen = <T extends { readonly name: string }>(all: readonly T[], names: string | undefined) => {
  const wanted = names?.split(',');
  const unknown = wanted?.filter((name) => !all.some((one) => one.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `There is no ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}.`,
    );
  return all.filter(({ name }) => wanted?.includes(name) ?? true);
};
const tasks = own ? own.map(ownTask) : chosen(tasksIn(data!), values.tasks);
const contenders = values.flags ? values.flags.map(withFlags) : chosen(CONTENDERS, values.contenders);
const models = values.models.split(',').map((file) => path.resolve(file));
/** The newest one that changed what is measured. */
const commit = execFileSync(
  'git',
  ['log', '-1', '--abbrev=8', '--format=%h', '--', 'main', 'common', 'bin', 'resources'],
  { cwd: path.join(import.meta.dirname, '../..'), encoding: 'utf8' },
).trim();
let failures = 0;

for (const seed of values.seeds.split(',').map(Number))
  for (const task of tasks)
    for (const contender of contenders.filter(({ kinds }) => kinds.includes(task.kind)))
      for (const model of contender.model ? models : models.slice(0, 1))
        await bout(task, contender, model, seed);

if (path.resolve(keep) === KEPT_FILE) await writeDocument();
else console.log(scoreTable(keptIn(keep), tasks));
if (failures > 0) process.exitCode = 1;

/** One run, unless it is kept; a failure is told, and the next begins. */
async function bout(task: Task, contender: Contender, model: string, seed: number): Promise<void> {
  const modelName = contender.model ? path.basename(model) : null;
  const key = [task.name, contender.name, seed, ...(modelName ? [modelName] : [])].join(' ');
  if (keptIn(keep).some((line) => keyOf(line) === key)) return;
  if (contender.python && !values.python) return console.error(`${key}: left out, give --python`);
  console.error(`${new Date().toISOString()} ${key}`);
  try {
    const line = await lineOf(task, contender, model, seed, path.join(work, folderName(key)));
    fs.mkdirSync(path.dirname(path.resolve(keep)), { recursive: true });
    fs.appendFileSync(keep, `${JSON.stringify(line)}\n`);
  } catch (error) {
    failures++;
    console.error(`${key} failed: ${(error as Error).message}`);
  }
}

/** Of what was asked, readable, and no longer than a file system allows. */
function folderName(key: string): string {
  const name = key.replaceAll(/[^\w.-]+/g, '_');
  return name.length <= 100 ? name : `${name.slice(0, 90)}_${hashOf([{ key }])}`;
}

function keyOf({ task, contender, seed, model }: Line): string {
  return [task, contender, seed, ...(model ? [model] : [])].join(' ');
}

async function lineOf(
  task: Task,
  contender: Contender,
  model: string,
  seed: number,
  folder: string,
): Promise<Line> {
  fs.mkdirSync(folder, { recursive: true });
  const train = writeRows(path.join(folder, 'train.jsonl'), task.train);
  const test = writeRows(path.join(folder, 'test.jsonl'), task.test);
  const { name, kind } = task;
  const threads = Number(values.threads);
  const { python, vectors } = values;
  const asked: Bout = {
    task: { name, kind },
    train,
    test,
    seed,
    model,
    threads,
    folder,
    work,
    python,
    vectors,
  };
  const learned = await learnedOnce(contender, asked);
  const judged = learned.scores ? null : await judgedBy(learned, asked);
  const { scores, also } = learned.scores ?? judged!.result;
  const cost = learned.cost ?? judged!.cost;
  const rounded = (numbers: readonly number[]) => numbers.map((one) => Number(one.toFixed(4)));
  return {
    ...{ task: name, contender: contender.name, seed, model: contender.model ? path.basename(model) : null },
    ...{ at: new Date().toISOString(), commit, machine: machineFacts(), threads },
    ...{ rows: task.train.length, tests: hashOf(task.test), scores: rounded(scores) },
    also: Object.fromEntries(Object.entries(also).map(([figure, all]) => [figure, rounded(all)])),
    ...{ forgot: judged?.result.forgot ?? null, cost, judgeSeconds: judged?.cost.seconds ?? null },
    ...(learned.settings && { settings: learned.settings }),
    ...(learned.versions && { versions: learned.versions }),
  };
}

/** Tells whether kept lines are of the same test rows. */
function hashOf(rows: readonly object[]): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 8);
}

/** What is learned is kept until it is judged, so that a run that was interrupted between both is not trained again. */
async function learnedOnce(contender: Contender, asked: Bout): Promise<Learned> {
  const file = path.join(asked.folder, 'learned.json');
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')) as Learned;
  const learned = await contender.learn(asked);
  fs.writeFileSync(file, JSON.stringify(learned));
  return learned;
}

async function judgedBy({ judge }: Learned, { task, train, test, model, seed, threads }: Bout) {
  const asked = { kind: task.kind, train, test, model, seed, threads, ...judge };
  const file = path.join(import.meta.dirname, 'task-judge.ts');
  const { said, cost } = await metered(process.execPath, [file, JSON.stringify(asked)]);
  return { result: JSON.parse(said.trim().split('\n').at(-1)!) as Judged, cost };
}

/** The generated parts of docs/tasks.md and its pictures, from the kept lines. */
async function writeDocument(): Promise<void> {
  const file = path.join(import.meta.dirname, '../../docs/tasks.md');
  fs.writeFileSync(file, await withTables(fs.readFileSync(file, 'utf8')));
  writePictures();
  console.log(`Written: ${file}`);
}

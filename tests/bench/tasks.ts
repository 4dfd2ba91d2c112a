/**
 * Trains on real tasks through the commands, as a person would, and judges on rows that no training saw: `npm run bench:tasks -- --model PATH
 * --data FOLDER --keep FILE`, with `--tasks NAMES` for some of them and `--flags='FLAGS OF TRAIN'` for other settings than the default ones
 * (repeated: each in turn). Every run adds a line of JSON to the file and is not made again while that stands there, so what was interrupted
 * goes on with the same command. The folder's files are those of Banking77 and E2E; what is printed is a table of all kept runs.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import type { AssessResult, DoneEvent, EngineEvent, EvalResult } from '../../common/protocol/protocol.ts';
import { machineFacts } from '../../main/versions.ts';
import { fettle, inFolder } from './commands.ts';
import { type Task, tasksIn, writeRows } from './task-data.ts';

interface Kept {
  readonly key: string;
  readonly task: string;
  readonly flags: string;
  readonly testLoss: number;
  readonly right?: number;
  readonly rows?: number;
  readonly seconds: number;
  readonly forgetting: AssessResult['forgetting'];
}

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    keep: { type: 'string' },
    tasks: { type: 'string' },
    flags: { type: 'string', multiple: true },
  },
});
const { model, data, keep } = values;
if (!model || !data || !keep) throw new Error('Give --model PATH, --data FOLDER and --keep FILE.');

const wanted = values.tasks?.split(',');
const tasks = tasksIn(data).filter(({ name }) => wanted?.includes(name) ?? true);
const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
const about = { commit: commit.trim(), machine: machineFacts(), model: path.basename(model) };
for (const flags of values.flags ?? ['']) {
  for (const task of tasks) {
    const key = [task.name, about.model, flags].join(' | ');
    if (keptIn(keep).some((one) => one.key === key)) continue;
    console.error(`${new Date().toISOString()} ${key}`);
    const result = await ran(task, model, flags.split(' ').filter(Boolean));
    const line = { key, task: task.name, flags, at: new Date().toISOString(), ...about, ...result };
    fs.appendFileSync(keep, `${JSON.stringify(line)}\n`);
  }
}
console.log(tableOf(keptIn(keep)));

function keptIn(file: string): Kept[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as Kept);
}

/** A run with what its comparison and the rows that it never saw say of it. */
async function ran(task: Task, from: string, flags: readonly string[]) {
  return inFolder(async (folder) => {
    const [rows, unseen, run] = ['rows.csv', 'new.csv', 'run'].map((name) => path.join(folder, name));
    writeRows(rows!, task.train);
    writeRows(unseen!, task.test);
    const files = ['--model', from, '--data', rows!, '--out', run!];
    const events = (await fettle(['train', ...files, ...flags])).map(({ value }) => value as EngineEvent);
    const done = events.findLast((event): event is DoneEvent => event.event === 'done')!;
    const { steps, seconds, stepSeconds, peakRssBytes, finalLoss, heldOutLossBefore, heldOutLoss } = done;
    const [tested] = await fettle(['eval', '--model', from, '--adapter', run!, '--data', unseen!]);
    const report = path.join(run!, 'assessment.json');
    const assessed = fs.existsSync(report)
      ? (JSON.parse(fs.readFileSync(report, 'utf8')) as AssessResult)
      : null;
    return {
      ...{ steps, seconds, stepSeconds, peakRssBytes, finalLoss, heldOutLossBefore, heldOutLoss },
      evals: events.flatMap((one) => (one.event === 'eval' ? [{ step: one.step, loss: one.loss }] : [])),
      testLoss: (tested!.value as EvalResult).loss,
      answers: assessed?.answers ?? null,
      forgetting: assessed?.forgetting ?? null,
      assessSeconds: assessed?.seconds ?? null,
      ...(task.kind === 'category' && (await sorted(task, run!, unseen!, path.join(folder, 'sorted.csv')))),
    };
  });
}

/** How many of the rows go into their category. */
async function sorted({ test }: Task, run: string, unseen: string, out: string) {
  await fettle(['classify', '--run', run, '--data', unseen, '--out', out]);
  const rows = parse(fs.readFileSync(out, 'utf8'), { columns: true }) as { readonly category: string }[];
  return { right: test.filter(({ answer }, at) => rows[at]!.category === answer).length, rows: test.length };
}

function tableOf(runs: readonly Kept[]): string {
  const head = [
    '| task | flags | right | loss on unseen rows | quiz | seconds |',
    '|---|---|---|---|---|---|',
  ];
  const lines = runs.map(({ task, flags, right, rows, testLoss, forgetting, seconds }) => {
    const quiz = forgetting?.quiz?.total;
    const cells = [
      ...[task, flags || 'as it is', right === undefined ? '' : `${right} of ${rows}`, testLoss.toFixed(3)],
      ...[
        quiz ? `${quiz.before.value.toFixed(2)} to ${quiz.after.value.toFixed(2)}` : '',
        seconds.toFixed(0),
      ],
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [...head, ...lines].join('\n');
}

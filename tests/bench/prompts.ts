/**
 * The base model behind eight fixed examples, and behind the prompt that a comparison's search finds on the training rows in so many
 * seconds: `npm run bench:prompts -- --data FOLDER --models PATH`. docs/decisions/0137 says what came of it.
 */
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { metered } from './meter.ts';
import { tasksIn, writeRows } from './task-data.ts';
import type { JudgeAsked, Judged } from './task-judge.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string' },
    tasks: { type: 'string', default: 'bank-few,german-few,fields-50' },
    /** Test rows at most. */
    rows: { type: 'string', default: '180' },
    seconds: { type: 'string', default: '20' },
    threads: { type: 'string', default: '1' },
  },
});
if (!values.data || !values.models) throw new Error('Give --data FOLDER and --models PATHS.');
const names = values.tasks.split(',');

console.log('| model | task | fixed examples | found | examples in it | prompts tried, on rows |');
console.log('|---|---|---|---|---|---|');
for (const model of values.models.split(',').map((file) => path.resolve(file)))
  for (const { name, kind, train, test } of tasksIn(values.data).filter((task) =>
    names.includes(task.name),
  )) {
    const file = (part: string) => path.join(os.tmpdir(), `fettle-prompts-${process.pid}-${part}.jsonl`);
    const asked: JudgeAsked = {
      ...{ kind, model, seed: 42, threads: Number(values.threads), examples: true },
      train: writeRows(file('train'), train),
      test: writeRows(file('test'), test.slice(0, Number(values.rows))),
    };
    const fixed = await judged(asked);
    const found = await judged({ ...asked, promptSeconds: Number(values.seconds) });
    const { tried, rows, examples } = found.prompt!;
    const cells = [path.basename(model), name, percent(fixed), percent(found), examples, `${tried}, ${rows}`];
    console.log(`| ${cells.join(' | ')} |`);
  }

async function judged(asked: JudgeAsked): Promise<Judged> {
  const judge = path.join(import.meta.dirname, 'task-judge.ts');
  const { said } = await metered(process.execPath, [judge, JSON.stringify(asked)]);
  return JSON.parse(said.trim().split('\n').at(-1)!) as Judged;
}

function percent({ scores }: Judged): string {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return `${Math.round(100 * mean)}% of ${scores.length}`;
}

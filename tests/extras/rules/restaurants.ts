/**
 * What docs/rules.md tells: descriptions of restaurants, a schema and a function of two lines, and no answer to learn from.
 * `node tests/extras/rules/restaurants.ts FOLDER MODEL OUT [QUESTIONS TESTS [more flags of fettle drill]]`, with E2E's two files in FOLDER.
 * What was stopped continues by the same command.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { poolsIn, type Row, shuffled, writeRows } from '../../bench/task-data.ts';
import { BIN } from '../../helpers/fettle.ts';

const [folder = '', model = '', out = '', questions = '100', tests = '150', ...flags] = process.argv.slice(2);
const ASKED = `Answer with JSON alone: the place's "name", and its "kind", such as pub.`;
const SCHEMA = {
  type: 'object',
  properties: { name: { type: 'string' }, kind: { type: 'string' } },
  required: ['name', 'kind'],
  additionalProperties: false,
};
const RULE = `(answer, row) => {
  const { name } = JSON.parse(answer);
  return { score: row.question.split('\\n')[1].includes(name), reason: 'the name is not in the question' };
};
`;

mkdirSync(out, { recursive: true });
const file = (name: string) => path.join(out, name);
const restaurants = poolsIn(folder).find(({ kind }) => kind === 'fields')!;
const asked = (rows: readonly object[], count: string) =>
  shuffled(rows, 1)
    .slice(0, Number(count))
    .map((row) => ({ question: `${ASKED}\n${(row as Row).prompt}` }));
writeFileSync(file('schema.json'), JSON.stringify(SCHEMA));
writeFileSync(file('named.js'), RULE);
const given = [
  ...[
    'drill',
    '--model',
    model,
    '--out',
    file('drill'),
    '--samples',
    '6',
    '--temperature',
    '0.7',
    '--max-new-tokens',
    '48',
  ],
  ...['--data', writeRows(file('questions.jsonl'), asked(restaurants.train, questions))],
  ...['--eval-data', writeRows(file('tests.jsonl'), asked(restaurants.test, tests))],
  ...['--rule', `json=${file('schema.json')}`, '--rule', `script=${file('named.js')}`],
];
const drill = spawn(process.execPath, [BIN, ...given, ...flags], { stdio: 'inherit' });
process.exitCode = ((await once(drill, 'close')) as [number | null])[0] ?? 1;

/**
 * What variations yield, as docs/teacher.md tells: 30 examples of twelve categories, five texts like each that a teacher writes and answers, and
 * a sorter on what is taken. `node tests/extras/teacher/vary-yield.ts FOLDER ENCODER|- TEACHER`: Banking77's two files in FOLDER; TEACHER is a
 * GGUF file, or `-` for a stand-in that gives other true rows of the same category and is right in 89% of its answers.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { askHere, workHere } from '../../../main/app/work-here.ts';
import { askAll } from '../../../main/extras/teacher/asking.ts';
import type { Journal } from '../../../main/extras/teacher/journal.ts';
import { withLocalTeacher } from '../../../main/extras/teacher/local.ts';
import type { TeacherAddress } from '../../../main/extras/teacher/teacher.ts';
import { openJournal, studied } from '../../../main/extras/teacher/teachings.ts';
import { writeTaught } from '../../../main/extras/teacher/written.ts';
import { bankingRows, csvOf, sorterOn } from './banking.ts';
import { mostlyRight, openStandIn } from './stand-in.ts';

const [folder = '', encoder = '-', source = '-'] = process.argv.slice(2);
const EACH = 5;
const { home, names, examples, raw, held, truths } = await bankingRows(folder);
const sorted = sorterOn({ home, held, encoder });
const answers = new Map(examples.map(({ text, answer }) => [text, answer]));

/** Other rows of a category, each given once. */
const others = new Map(names.map((name) => [name, raw.filter(({ answer }) => answer === name)]));
const right = mostlyRight(truths, names, { right: 0.9, blind: 0.06 });
const standIn = await openStandIn((text, sample) => {
  const category = answers.get(text);
  return category === undefined ? right(text, sample) : (others.get(category)!.pop()?.text ?? '');
});

await askHere(async (engine) => {
  const wish = { name: 'yield', samples: 3, temperature: 0.7, vary: EACH };
  const rows = { examples, texts: [], repeated: 0 };
  const { journal, lesson } = await openJournal(path.join(home, 'rows.teaching'), rows, wish, engine);
  const ask = (teacher: TeacherAddress) => {
    const how = { atOnce: 1, patienceMs: 900_000, maxTokens: 64 };
    return askAll(journal, teacher, lesson, how, { tell: () => {} });
  };
  if (source === '-') await ask({ url: `${standIn.url}/v1`, model: 'stand-in' });
  else await withLocalTeacher({ model: source }, lesson, workHere, {}, ask);
  const file = (name: string) => path.join(home, `${name}.csv`);
  const found = await studied(journal, encoder === '-' ? null : encoder, engine);
  const taken = found.rows.filter((row) => row.taken !== null).length;
  console.log(`${journal.written.size} variations, ${taken} taken, ${found.order.length} open`);
  for (const line of [...journal.varied.values()].slice(0, 4))
    console.log(examples[line.example]!.text, '→', line.varied.join(' | '));
  writeFileSync(file('examples'), csvOf(examples));
  writeFileSync(file('as-example'), csvOf([...examples, ...asExamples(journal)]));
  await writeTaught(file('taken'), journal, found);
  const more = raw.slice(0, journal.written.size);
  writeFileSync(file('true'), csvOf([...examples, ...more]));
  for (const name of ['examples', 'taken', 'as-example', 'true'])
    console.log(name, (await sorted(file(name), name)).toFixed(4));
});
await standIn.close();

/** Each variation with its example's answer. */
function asExamples({ head, written }: Journal) {
  return [...written].map(([text, { example }]) => ({ text, answer: head.examples[example]!.answer }));
}

/**
 * What docs/teacher.md tells: 30 examples and 500 raw texts of twelve categories, a stand-in teacher of known quality, and a person who knows
 * the truth and decides so many rows. `node tests/extras/teacher/thirty-examples.ts FOLDER ENCODER|-`, with Banking77's two files in FOLDER.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { askHere } from '../../../main/app/work-here.ts';
import { askAll } from '../../../main/extras/teacher/asking.ts';
import { openJournal, studied } from '../../../main/extras/teacher/teachings.ts';
import { taughtCounts, writeTaught } from '../../../main/extras/teacher/written.ts';
import { bankingRows, csvOf, sorterOn } from './banking.ts';
import { mostlyRight, openStandIn } from './stand-in.ts';

const [folder = '', encoder = '-'] = process.argv.slice(2);
const DECISIONS = [0, 30, 60, 90, 150];
const { home, names, examples, raw, held, truths } = await bankingRows(folder);
const sorted = sorterOn({ home, held, encoder });

const say = mostlyRight(truths, names, { right: 0.9, blind: 0.06 });
const standIn = await openStandIn(say);
const samples = raw.flatMap(({ text, answer }) => [0, 1, 2].map((sample) => say(text, sample) === answer));
console.log(`teacher right in ${samples.filter(Boolean).length} of ${samples.length} samples`);
await askHere(async (engine) => {
  const wish = { name: 'thirty', samples: 3, temperature: 0.7 };
  const rows = { examples, texts: raw.map(({ text }) => text), repeated: 0 };
  const { journal, lesson } = await openJournal(path.join(home, 'rows.teaching'), rows, wish, engine);
  const teacher = { url: `${standIn.url}/v1`, model: 'stand-in' };
  await askAll(journal, teacher, lesson, { atOnce: 4, patienceMs: 5000, maxTokens: 64 }, { tell: () => {} });
  const of = encoder === '-' ? null : encoder;
  const file = (name: string) => path.join(home, `${name}.csv`);
  writeFileSync(file('examples'), csvOf(examples));
  writeFileSync(file('truth'), csvOf([...examples, ...raw]));
  const labelled = raw.map(({ text }) => ({ text, answer: say(text, 0) as string }));
  writeFileSync(file('teacher'), csvOf([...examples, ...labelled]));
  for (const name of ['examples', 'teacher', 'truth'])
    console.log(name, (await sorted(file(name), name)).toFixed(4));
  let made = 0;
  let found = await studied(journal, of, engine);
  for (const upTo of DECISIONS) {
    while (made < upTo && found.order.length > 0) {
      for (const row of found.order.slice(0, Math.min(20, upTo - made))) {
        await journal.add({ row, decided: truths.get(journal.texts[row]!)! });
        made++;
      }
      found = await studied(journal, of, engine);
    }
    const taken = found.rows.filter(
      ({ taken, row }) => taken !== null && !journal.decided.some((one) => one.row === row),
    );
    const right = taken.filter(({ taken, row }) => taken === truths.get(journal.texts[row]!)).length;
    await writeTaught(file(`rows-${upTo}`), journal, found);
    console.log(
      `${made} decisions: taken ${taken.length} (${right} right), open ${taughtCounts(journal, found).open}, sorter ${(await sorted(file(`rows-${upTo}`), `sorter-${upTo}`)).toFixed(4)}`,
    );
  }
});
await standIn.close();

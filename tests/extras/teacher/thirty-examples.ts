/**
 * What docs/teacher.md tells: 30 examples and 500 raw texts of twelve categories, a stand-in teacher of known quality, and a person who knows
 * the truth and decides so many rows. `node tests/extras/teacher/thirty-examples.ts FOLDER ENCODER|-`, with Banking77's two files in FOLDER.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { quotedCell } from '../../../common/values.ts';
import { askHere } from '../../../main/app/work-here.ts';
import { askAll } from '../../../main/extras/teacher/asking.ts';
import { openJournal, studied } from '../../../main/extras/teacher/teachings.ts';
import { taughtCounts, writeTaught } from '../../../main/extras/teacher/written.ts';
import { readLooseRows } from '../../../main/rows/read-rows.ts';
import { fettle } from '../../helpers/fettle.ts';
import { hash32 } from './hash.ts';
import { mostlyRight, openStandIn } from './stand-in.ts';

const [folder = '', encoder = '-'] = process.argv.slice(2);
const CATEGORIES = 12;
const [EXAMPLES, RAW] = [30, 500];
const DECISIONS = [0, 30, 60, 90, 150];

async function rowsOf(name: string) {
  const rows: { text: string; answer: string }[] = [];
  for await (const { row } of readLooseRows([path.join(folder, name)])) {
    const said = (role: string) => row.turns.find((turn) => turn.role === role)!.content.trim();
    rows.push({ text: said('user'), answer: said('assistant') });
  }
  return rows.sort((a, b) => hash32(a.text) - hash32(b.text));
}

const [train, test] = [await rowsOf('banking77_train.csv'), await rowsOf('banking77_test.csv')];
const names = [...new Set(train.map(({ answer }) => answer))]
  .sort((a, b) => hash32(a) - hash32(b))
  .slice(0, CATEGORIES);
const [own, held] = [train, test].map((rows) => rows.filter(({ answer }) => names.includes(answer)));
const perCategory = names.map((name) => own!.filter(({ answer }) => answer === name));
const examples = Array.from(
  { length: EXAMPLES },
  (_, i) => perCategory[i % CATEGORIES]![Math.floor(i / CATEGORIES)]!,
);
const raw = own!.filter((row) => !examples.includes(row)).slice(0, RAW);
const truths = new Map(own!.map(({ text, answer }) => [text, answer]));
const home = mkdtempSync(path.join(os.tmpdir(), 'fettle-thirty-'));
process.env.FETTLE_HOME = home;
const csv = (rows: readonly { readonly text: string; readonly answer: string }[]) =>
  ['text,label', ...rows.map(({ text, answer }) => `${quotedCell(text)},${quotedCell(answer)}`)].join('\n');
const testFile = path.join(home, 'test.csv');
writeFileSync(testFile, csv(held!));

async function sorted(data: string, name: string): Promise<number> {
  const by = encoder === '-' ? ['--by', 'words'] : ['--by', 'vectors', '--encoder', encoder];
  const ended = await fettle([
    'sorter',
    '--data',
    data,
    '--eval-data',
    testFile,
    '--out',
    path.join(home, name),
    ...by,
    '--json',
  ]);
  const lines = ended.out.trim().split('\n');
  const result = JSON.parse(lines.at(-1)!) as {
    readonly calibration: { readonly accuracy: { readonly value: number } };
  };
  return result.calibration.accuracy.value;
}

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
  writeFileSync(file('examples'), csv(examples));
  writeFileSync(file('truth'), csv([...examples, ...raw]));
  const labelled = raw.map(({ text }) => ({ text, answer: say(text, 0) as string }));
  writeFileSync(file('teacher'), csv([...examples, ...labelled]));
  for (const name of ['examples', 'teacher', 'truth'])
    console.log(name, (await sorted(file(name), name)).toFixed(4));
  let made = 0;
  let found = await studied(journal, of, engine);
  for (const upTo of DECISIONS) {
    while (made < upTo && found.order.length > 0) {
      for (const row of found.order.slice(0, Math.min(20, upTo - made))) {
        await journal.add({ row, decided: truths.get(journal.head.texts[row]!)! });
        made++;
      }
      found = await studied(journal, of, engine);
    }
    const taken = found.rows.filter(
      ({ taken, row }) => taken !== null && !journal.decided.some((one) => one.row === row),
    );
    const right = taken.filter(({ taken, row }) => taken === truths.get(journal.head.texts[row]!)).length;
    await writeTaught(file(`rows-${upTo}`), journal, found);
    console.log(
      `${made} decisions: taken ${taken.length} (${right} right), open ${taughtCounts(journal, found).open}, sorter ${(await sorted(file(`rows-${upTo}`), `sorter-${upTo}`)).toFixed(4)}`,
    );
  }
});
await standIn.close();

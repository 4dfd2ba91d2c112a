/** Banking77 as the teacher's measurements have it: 30 examples and 500 raw texts of twelve categories, and its test rows of these. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { quotedCell } from '../../../common/values.ts';
import { readLooseRows } from '../../../main/rows/read-rows.ts';
import { fettle } from '../../helpers/fettle.ts';
import { hash32 } from './hash.ts';

const CATEGORIES = 12;
const [EXAMPLES, RAW] = [30, 500];

interface Row {
  readonly text: string;
  readonly answer: string;
}

async function rowsOf(file: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { row } of readLooseRows([file])) {
    const said = (role: string) => row.turns.find((turn) => turn.role === role)!.content.trim();
    rows.push({ text: said('user'), answer: said('assistant') });
  }
  return rows.sort((a, b) => hash32(a.text) - hash32(b.text));
}

/** From `banking77_train.csv` and `banking77_test.csv` in `folder`; Fettle's own files are kept apart. */
export async function bankingRows(folder: string) {
  const home = mkdtempSync(path.join(os.tmpdir(), 'fettle-banking-'));
  process.env.FETTLE_HOME = home;
  const [train, test] = await Promise.all(
    ['train', 'test'].map((part) => rowsOf(path.join(folder, `banking77_${part}.csv`))),
  );
  const names = [...new Set(train!.map(({ answer }) => answer))]
    .sort((a, b) => hash32(a) - hash32(b))
    .slice(0, CATEGORIES);
  const [own, held] = [train!, test!].map((rows) => rows.filter(({ answer }) => names.includes(answer)));
  const perCategory = names.map((name) => own!.filter(({ answer }) => answer === name));
  const examples = Array.from(
    { length: EXAMPLES },
    (_, i) => perCategory[i % CATEGORIES]![Math.floor(i / CATEGORIES)]!,
  );
  const raw = own!.filter((row) => !examples.includes(row)).slice(0, RAW);
  const truths = new Map(own!.map(({ text, answer }) => [text, answer]));
  return { home, names, examples, raw, held: held!, truths };
}

export const csvOf = (rows: readonly Row[]) =>
  ['text,label', ...rows.map(({ text, answer }) => `${quotedCell(text)},${quotedCell(answer)}`)].join('\n');

/** The accuracy on `held` of a sorter that learns from a file: by word counts, or by the vectors of `encoder`. */
export function sorterOn({ home, held, encoder }: { home: string; held: readonly Row[]; encoder: string }) {
  const test = path.join(home, 'test.csv');
  writeFileSync(test, csvOf(held));
  const by = encoder === '-' ? ['--by', 'words'] : ['--by', 'vectors', '--encoder', encoder];
  return async (data: string, name: string): Promise<number> => {
    const out = path.join(home, name);
    const ended = await fettle([
      'sorter',
      '--data',
      data,
      '--eval-data',
      test,
      '--out',
      out,
      ...by,
      '--json',
    ]);
    const result = JSON.parse(ended.out.trim().split('\n').at(-1)!) as {
      readonly calibration: { readonly accuracy: { readonly value: number } };
    };
    return result.calibration.accuracy.value;
  };
}

/** The readers that hostile files reach, each with sound files to break and with all that Fettle reads of one. */
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { readLooseRows } from '../../../main/engine/data/rows/read-rows.ts';
import { workbook } from '../../helpers/workbook.ts';
import { apiReader } from './api-reader.ts';
import { MODEL_READERS } from './model-readers.ts';
import { type Kind, type Reader, type Seed, seedAt, seedOf, TESTS } from './reader.ts';
import { RECORD_READERS } from './record-readers.ts';

const TABLE = [
  ['question', 'answer'],
  ...Array.from({ length: 12 }, (_, i) => [`Where is room ${i}?`, `On floor ${i}.`]),
];
const JSON_LINES = TABLE.slice(1)
  .map(([question, answer]) => JSON.stringify({ question, answer }))
  .join('\n');

/** Data files of one kind: those of `tests/fixtures/messy` and some made here. */
function rowsReader(name: string, pattern: string, kind: Kind, more: readonly Seed[] = []): Reader {
  return {
    name,
    async open(folder) {
      const messy = globSync(`${TESTS}/fixtures/messy/${pattern}`).map((file) =>
        seedAt(file, file.endsWith('.gz') ? 'bytes' : kind),
      );
      return {
        seeds: [...messy.filter(({ bytes }) => bytes.length > 0), ...more],
        async read(bytes, seed) {
          // the reader goes by the content and the name
          const file = path.join(folder, seed);
          writeFileSync(file, bytes);
          for await (const _ of readLooseRows([file], { onBadRow: () => {}, onNote: () => {} }));
        },
      };
    },
  };
}

export const READERS: readonly Reader[] = [
  ...MODEL_READERS,
  ...RECORD_READERS,
  rowsReader('jsonl', '*.{jsonl,json,jsonl.gz}', 'jsonl', [
    seedOf('made.jsonl', 'jsonl', Buffer.from(JSON_LINES)),
    seedOf('made.jsonl.gz', 'bytes', gzipSync(JSON_LINES)),
  ]),
  rowsReader('csv', '*.{csv,tsv,txt,md}', 'text'),
  rowsReader('parquet', '*.parquet', 'bytes'),
  rowsReader('xlsx', '*.xlsx', 'zip', [
    seedOf('made.xlsx', 'zip', workbook({ Cover: [['Rooms']], Rooms: TABLE })),
  ]),
  apiReader,
];

/** Cases that once failed: a folder for each reader, a file for each case, called `NUMBER-SEED`. */
export const CORPUS = path.join(import.meta.dirname, '..', 'corpus');

/** The kept cases of a reader: the seed's name and the bytes. */
export function corpusOf({
  name,
}: Reader): { readonly file: string; readonly seed: string; readonly bytes: Uint8Array }[] {
  const folder = path.join(CORPUS, name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => ({
    file,
    seed: file.replace(/^[^-]*-/, ''),
    bytes: readFileSync(path.join(folder, file)),
  }));
}

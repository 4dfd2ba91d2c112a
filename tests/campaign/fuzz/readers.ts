/** The readers that hostile files reach, each with sound files to break and with all that Fettle reads of one; and the kept cases. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as extras from '../../extras/fuzz.ts';
import { apiReader } from './api-reader.ts';
import { DATA_READERS } from './data-readers.ts';
import { MODEL_READERS } from './model-readers.ts';
import type { ExtraFuzz, Reader } from './reader.ts';
import { RECORD_READERS } from './record-readers.ts';

export const READERS: readonly Reader[] = [
  ...MODEL_READERS,
  ...RECORD_READERS,
  ...DATA_READERS,
  apiReader,
  ...Object.values<ExtraFuzz>(extras).flatMap(({ readers }) => readers),
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

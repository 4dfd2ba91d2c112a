/** What tells that files have changed: their names, sizes and times, without a look into them. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { dataBytes } from '../../data/rows/read-rows.ts';
import { dataFiles } from '../../data/rows/readers/files.ts';

/** Configuration, tokenizer and chat template, by their endings; in a model's folder its weights as well. */
const TEXTS = /\.(json|jinja|model|txt)$/i;
const WEIGHTS = /\.safetensors$/i;

/** A stamp of the data files in `paths`, folders opened; throws where one is missing or unreadable. */
export async function dataStamp(paths: readonly string[]): Promise<string> {
  await dataBytes(paths);
  return JSON.stringify(await Promise.all((await dataFiles(paths)).map(fileStamp)));
}

/** A stamp of the model at `where`, a folder or a file, with what lies beside the file. */
export async function modelStamp(where: string): Promise<string> {
  const names = await fs.readdir(where).catch(() => null);
  const folder = names === null ? path.dirname(where) : where;
  const beside = names ?? (await fs.readdir(folder).catch(() => []));
  const files = beside.filter((name) => TEXTS.test(name) || (names !== null && WEIGHTS.test(name))).sort();
  return JSON.stringify(
    await Promise.all([where, ...files.map((name) => path.join(folder, name))].map(fileStamp)),
  );
}

async function fileStamp(file: string): Promise<readonly unknown[]> {
  const found = await fs.stat(file).catch(() => null);
  // a folder's own time changes with files that matter to nobody
  if (found === null || found.isDirectory()) return [file];
  return [file, found.size, found.mtimeMs, found.ino];
}

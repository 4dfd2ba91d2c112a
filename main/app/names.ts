/** Names for files, folders and runs made of what people type, which may be anything. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';

const SLUG_CHARS = 40;
const NAME_CHARS = 120;
/** Names that Windows keeps for devices, whatever follows the dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Six digits that tell two things of the same name apart. */
export function shortId(): string {
  return randomBytes(3).toString('hex');
}

/** `My first run!` -> `my-first-run`; `fallback` where nothing is left of it. */
export function slug(text: string, fallback: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_CHARS)
    .replace(/^-+|-+$/g, '');
  return plain === '' || DEVICE.test(plain) ? fallback : plain;
}

/** A file's name without folders, in characters that every system can write; its ending is kept. */
export function fileName(given: string, fallback = 'file'): string {
  const last = given.split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .normalize('NFC')
    .replace(/[\p{C}<>:"|?*]/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  const dot = plain.lastIndexOf('.');
  const ending = dot > 0 ? plain.slice(dot).slice(0, 20) : '';
  const stem = (dot > 0 ? plain.slice(0, dot) : plain).slice(0, NAME_CHARS - ending.length);
  return stem === '' || DEVICE.test(plain) ? `${fallback}${ending}` : stem + ending;
}

/** What the list of runs calls the data: the first file, and how many more. */
export function dataName(paths: readonly string[]): string {
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return path.basename(paths[0] ?? '') + more;
}

/** Reads small files of untrusted folders: size checked before reading, and what is wrong said with the path. */
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../../../errors.ts';
import { badTokenizer } from './definition.ts';

/** The largest tokenizer.json in use is about 35 MB. */
const MAX_BYTES = 128 * 2 ** 20;

/** The text of a file, or null when there is none. Throws AppError for one that is too large or cannot be read. */
export async function readTextIfPresent(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES)
      throw badTokenizer(path, `it has ${size} bytes, and at most ${MAX_BYTES} is plausible`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new AppError(
      'file.unreadable',
      `${path} cannot be read (${code ?? String(cause)}).`,
      'Check that the file may be read.',
      { cause },
    );
  }
}

/** The parsed JSON of a file, or undefined when there is none. */
export async function readJsonIfPresent(path: string): Promise<unknown> {
  const text = await readTextIfPresent(path);
  if (text === null) return undefined;
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw badTokenizer(path, `it is not valid JSON (${(cause as Error).message})`, { cause });
  }
}

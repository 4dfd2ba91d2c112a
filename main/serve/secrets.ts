/** Secrets of the web host: a file in the data folder that only the person can read. The system encrypts nothing for it. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import type { Host } from '../api/parts.ts';

const NAME = 'secrets.json';

/** Secrets in the file `name` of the folder that `folder` gives at the moment. */
export function fileSecrets(folder: () => string, name: string = NAME): Host['secrets'] {
  const file = () => path.join(folder(), name);
  return {
    get: async (key) => (await read(file()))[key] ?? null,
    async set(key, value) {
      const { [key]: _, ...others } = await read(file());
      await write(file(), value === null ? others : { ...others, [key]: value });
    },
  };
}

async function read(file: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw unreadable(file, error);
  }
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function write(file: string, secrets: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(secrets));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(temporary, 0o600);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Without the content, which must be shown to nobody. */
function unreadable(file: string, cause: unknown): AppError {
  const why = cause instanceof SyntaxError ? 'it is damaged' : String((cause as NodeJS.ErrnoException).code);
  const hint = 'Delete this file, and enter the Hub token again in Settings.';
  return new AppError('secrets-unreadable', `The secrets in ${file} cannot be read: ${why}.`, hint);
}

/** Takes a model from the list, and its files only where Fettle has downloaded them itself into its own folder. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { LocalModel } from '../../../preload/contract.ts';
import type { Store } from '../../api/parts.ts';
import { AppError } from '../../errors.ts';

/** Returns the bytes that were freed. */
export async function removeModel(
  store: Store,
  model: LocalModel,
  deleteFiles: boolean,
  ownFolder: string,
): Promise<number> {
  if (model.source === 'practice')
    throw new AppError(
      'model-bundled',
      'The practice model comes with Fettle and stays.',
      'It takes little room, and the first steps and the tests of Fettle need it.',
    );
  const folder = deleteFiles ? await downloadedFolder(model, ownFolder) : null;
  const freed = folder === null ? 0 : await deleteFolder(folder);
  store.models.remove(model.id);
  return freed;
}

/** The folder `<own>/<owner>--<name>/<commit>` in which the model lies, by its real place; null for every other place. */
async function downloadedFolder(
  { source, path: where }: LocalModel,
  ownFolder: string,
): Promise<string | null> {
  if (source !== 'hub') return null;
  const [own, real] = await Promise.all(
    [ownFolder, where].map((each) => fs.realpath(each).catch(() => null)),
  );
  if (!own || !real) return null;
  const parts = path.relative(own, real).split(path.sep);
  const isOwn =
    parts.length >= 2 && /^[\w.-]+$/.test(parts[0]!) && parts[0] !== '..' && /^[0-9a-f]{40}$/.test(parts[1]!);
  return isOwn ? path.join(own, parts[0]!, parts[1]!) : null;
}

async function deleteFolder(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await fs.readdir(folder)) bytes += (await fs.lstat(path.join(folder, name))).size;
  await fs.rm(folder, { recursive: true });
  await fs.rmdir(path.dirname(folder)).catch(() => {});
  return bytes;
}

/** Where an export goes: into a folder beside the target, which gets its name once it is whole and proved. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { makeFolder, partialName, removePartials, requireWritable } from '../../folders.ts';

/** Files of an export by what they are; names only. */
interface TargetNames {
  /** The GGUF file, where the export is one. */
  readonly gguf: string;
  readonly modelfile: string;
  readonly card: string;
}

export interface Target {
  readonly out: string;
  readonly names: TargetNames;
  /** Whether `out` is the GGUF file itself, with the other files beside it. */
  readonly isFile: boolean;
}

/** The target for `out`; `label` names a GGUF file in a folder. Throws `AppError('file-exists')`. */
export async function planTarget(out: string, label: string, asGguf: boolean): Promise<Target> {
  const isFile = asGguf && out.endsWith('.gguf');
  if (!isFile && out.endsWith('.gguf')) {
    throw new AppError(
      'bad-usage',
      say`${out} is the name of a GGUF file, but this export is a folder.`,
      say`Choose a new folder, or save as GGUF.`,
    );
  }
  const stem = path.basename(out, '.gguf');
  if (isFile && stem === '') {
    throw new AppError('bad-usage', say`${out} is no name for a file.`, say`For example: exports/first.gguf`);
  }
  const names = isFile
    ? { gguf: `${stem}.gguf`, modelfile: `${stem}.Modelfile`, card: `${stem}.README.md` }
    : { gguf: `${label}.gguf`, modelfile: 'Modelfile', card: 'README.md' };
  const target = { out, names, isFile };
  await refuseExisting(target);
  requireWritable(path.dirname(out));
  return target;
}

async function refuseExisting({ out, names, isFile }: Target): Promise<void> {
  const folder = path.dirname(out);
  const paths = isFile ? Object.values(names).map((name) => path.join(folder, name)) : [out];
  for (const one of paths) {
    const stats = await fs.lstat(one).catch(() => null);
    if (!stats) continue;
    if (!isFile && stats.isDirectory() && (await fs.readdir(one)).length === 0) continue;
    throw new AppError(
      'file-exists',
      say`${one} is there already.`,
      say`Choose another name, or remove it first.`,
    );
  }
}

/** Lets `produce` fill a temporary folder, then gives its files their names; gives their paths. */
export async function intoTarget(
  target: Target,
  produce: (folder: string) => Promise<void>,
): Promise<string[]> {
  const { out, isFile } = target;
  const parent = path.dirname(out);
  makeFolder(parent);
  await removePartials(out);
  const temporary = partialName(out);
  try {
    await fs.mkdir(temporary);
    await produce(temporary);
    await refuseExisting(target);
    const names = await fs.readdir(temporary);
    if (!isFile) {
      // an empty folder was let through; Windows does not rename over one
      await fs.rmdir(out).catch(() => {});
      await fs.rename(temporary, out);
    }
    // the model last: where it is, the rest is too
    else
      for (const name of names.sort((a, b) => Number(a.endsWith('.gguf')) - Number(b.endsWith('.gguf'))))
        await fs.rename(path.join(temporary, name), path.join(parent, name));
    return names.sort().map((name) => path.join(isFile ? parent : out, name));
  } finally {
    await fs.rm(temporary, { recursive: true, force: true });
  }
}

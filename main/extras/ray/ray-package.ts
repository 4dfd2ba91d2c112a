/** What goes to Ray in one piece: a zip with our script, what it has to look for, and files of a run, whose name tells its content. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ZipFile } from 'yazl';
import { inItsTurn, writeZip } from '../../folders.ts';
import { resourcesFolder } from '../../paths.ts';
import { hashOf } from '../../targets/files.ts';
import type { FileToSend } from '../../targets/target.ts';

/** The script within a package. */
export const SCRIPT = 'on_ray.py';
/** The most that Ray takes in one. */
export const MOST_BYTES = 100 * 2 ** 20;

export interface Package {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
}

/** What belongs in a package: files of a run, and what the script is to look for. */
export interface Content {
  readonly files?: readonly FileToSend[];
  readonly wanted?: unknown;
}

export async function withPackages<T>(
  contents: readonly Content[],
  work: (made: readonly Package[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'fettle-package-'));
  try {
    const made: Package[] = [];
    for (const [i, content] of contents.entries())
      made.push(await write(content, path.join(folder, `${i}.zip`)));
    return await work(made);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write({ files = [], wanted = [] }: Content, file: string): Promise<Package> {
  const zip = new ZipFile();
  // the same content has the same name
  const usual = { mtime: new Date(1980, 0, 1), mode: 0o100644 };
  const add = async (from: string, name: string, compress = true) => {
    const { size } = await stat(from);
    zip.addReadStreamLazy(name, { ...usual, size, compress }, inItsTurn(zip, from));
  };
  await add(path.join(resourcesFolder(), 'cluster', SCRIPT), SCRIPT);
  zip.addBuffer(Buffer.from(JSON.stringify(wanted)), 'wanted.json', usual);
  for (const one of files) await add(one.file, `files/${one.name}`, !isDense(one.name));
  await writeZip(zip, file);
  const { size: bytes } = await stat(file);
  return { name: `_ray_pkg_${await hashOf(file, 'sha1')}.zip`, file, bytes };
}

/** Weights hardly become smaller. */
export const isDense = (name: string): boolean => name.endsWith('.safetensors');

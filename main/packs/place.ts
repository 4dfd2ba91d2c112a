/**
 * Where a pack lies and in what state it is. A pack that is there is whole: it gets its folder's name last, after every file was
 * checked. What is looked at later is that the files are there with their sizes, which is quick, and that they fit the onnxruntime of now.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.ts';
import { bytesHere, readRecord } from '../hub/download/record.ts';
import type { PackManifest } from './manifest.ts';

export const PACK = 'nvidia';

export type PackState =
  /** `partBytes`: of an earlier download, which goes on from there. */
  | { readonly kind: 'absent'; readonly partBytes: number }
  | { readonly kind: 'ready'; readonly folder: string; readonly bytes: number }
  /** Made for another version of onnxruntime. */
  | { readonly kind: 'outdated'; readonly onnxruntime: string }
  /** `file` is missing or has another size. */
  | { readonly kind: 'damaged'; readonly file: string };

/** Folder of the packs of the data folder `data`. */
export const packsOf = (data: string) => path.join(data, 'packs');

/** Tells the processes that this one starts where the packs are: the data folder may have moved. */
export function usePacksOf(data: string): void {
  process.env.FETTLE_PACKS = packsOf(data);
}

/** Where the pack, and what is on its way, lie below the packs' folder. */
export const packFolder = (packs: string) => path.join(packs, PACK);
export const partFolder = (packs: string) => path.join(packs, `${PACK}.part`);
/** Says which onnxruntime the pack is for; written last. */
export const LABEL = 'pack.json';

/** The state of the pack in the folder `packs`. */
export async function packState(packs: string, manifest: PackManifest): Promise<PackState> {
  const folder = packFolder(packs);
  const label = await readLabel(folder);
  if (label === null) return { kind: 'absent', partBytes: await partBytes(packs) };
  if (label !== manifest.onnxruntime) return { kind: 'outdated', onnxruntime: label };
  let bytes = 0;
  for (const member of manifest.archives.flatMap(({ members }) => members)) {
    const size = await sizeOf(path.join(folder, member.file));
    if (size !== member.bytes) return { kind: 'damaged', file: path.join(folder, member.file) };
    bytes += size;
  }
  return { kind: 'ready', folder, bytes };
}

async function readLabel(folder: string): Promise<string | null> {
  const text = await fs.readFile(path.join(folder, LABEL), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const { onnxruntime } = JSON.parse(text) as { onnxruntime?: unknown };
    return typeof onnxruntime === 'string' ? onnxruntime : '';
  } catch {
    return '';
  }
}

/** What has arrived: by the record of the download, or as whole archives where that has ended. */
async function partBytes(packs: string): Promise<number> {
  const folder = partFolder(packs);
  const record = await readRecord(folder);
  if (record !== null) return bytesHere(record);
  const names = await fs.readdir(folder).catch(() => []);
  const sizes = names.filter((name) => name.endsWith('.whl')).map((name) => sizeOf(path.join(folder, name)));
  return (await Promise.all(sizes)).reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

async function sizeOf(file: string): Promise<number | null> {
  const stats = await fs.stat(file).catch(() => null);
  return stats?.isFile() ? stats.size : null;
}

/** Deletes the pack and what is on its way; gives the bytes that were freed. */
export async function removePack(packs: string): Promise<number> {
  let freed = 0;
  for (const folder of [packFolder(packs), partFolder(packs)]) {
    const names = await fs.readdir(folder, { recursive: true }).catch(() => []);
    for (const name of names) {
      const stats = await fs.lstat(path.join(folder, name)).catch(() => null);
      // a part file has its full length from the beginning, most of it empty: blocks are what it takes
      if (stats?.isFile()) freed += Math.min(stats.size, stats.blocks * 512 || stats.size);
    }
    await fs.rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
      throw new AppError(
        'pack-busy',
        `${folder} could not be deleted: ${(error as Error).message}`,
        'End trainings that compute on the card, then try again.',
        { cause: error },
      );
    });
  }
  return freed;
}

/**
 * The NVIDIA pack: the libraries that compute on NVIDIA's cards are not shipped with Fettle, because they are
 * large and most computers cannot use them. What it is made of (the manifest in resources/, made by
 * scripts/nvidia-pack.ts), where it lies and in what state it is.
 */
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { bytesHere, readRecord } from '../hub/download/record.ts';

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A name without folders: what comes from an archive must not lead elsewhere. */
const plainName = z.string().regex(/^[\w.+-]+$/);

const MemberSchema = z.object({
  /** In the archive. */
  path: z.string(),
  /** In the pack. */
  file: plainName,
  bytes: count,
  sha256,
});

const ArchiveSchema = z.object({
  package: z.string(),
  version: z.string(),
  licence: z.object({ name: z.string(), url: z.url() }),
  file: plainName,
  url: z.url({ protocol: /^https?$/ }),
  bytes: count,
  sha256,
  /** Libraries, and texts of licences, that are taken out of it. */
  members: z.array(MemberSchema).min(1),
});

const ManifestSchema = z.object({
  version: z.literal(1),
  /** The libraries belong to this version of onnxruntime and to no other. */
  onnxruntime: z.string(),
  cuda: z.string(),
  platform: z.string(),
  /** The oldest driver, and the oldest compute capability of a card, that the libraries work with. */
  oldestDriver: z.string(),
  oldestCapability: z.number(),
  /** Libraries that are loaded before onnxruntime's own, in this order: each needs those before it. */
  preload: z.array(plainName),
  archives: z.array(ArchiveSchema).min(1),
});

export type PackManifest = z.output<typeof ManifestSchema>;
export type PackArchive = z.output<typeof ArchiveSchema>;
export type PackMember = z.output<typeof MemberSchema>;

export const MANIFEST_FILE = 'nvidia-pack.json';

/** The manifest in the folder `resources`. Throws where it is not one: then Fettle itself is damaged. */
export function readManifest(resources: string): PackManifest {
  return ManifestSchema.parse(JSON.parse(readFileSync(path.join(resources, MANIFEST_FILE), 'utf8')));
}

/** Bytes that are downloaded, and bytes that the pack takes on the disk. */
export function packBytes({ archives }: PackManifest): { readonly download: number; readonly disk: number } {
  const sum = (all: readonly { readonly bytes: number }[]) =>
    all.reduce((total, { bytes }) => total + bytes, 0);
  return { download: sum(archives), disk: sum(archives.flatMap(({ members }) => members)) };
}

const PACK = 'nvidia';

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
        say`${folder} could not be deleted: ${(error as Error).message}`,
        say`End trainings on the graphics card, then try again.`,
        { cause: error },
      );
    });
  }
  return freed;
}

/**
 * Packs: libraries that are not shipped with Fettle, because they are large and not every computer can use them. What each is made of
 * (its manifest in resources/, made by scripts/ggml-pack.ts and its siblings), where it lies and in what state it is.
 */
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../common/errors.ts';
import * as extras from '../../common/extras/packs.ts';
import { isRecord, parsedJson } from '../../common/values.ts';
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

export type PackName = keyof typeof PACKS;

/** What is downloaded, unpacked and removed. */
export interface Pack {
  /** Also that of its library. */
  readonly name: PackName;
  /** The library's version. */
  readonly release: string;
  /** Products and their versions, as people read them. */
  readonly contents: string;
  readonly archives: readonly PackArchive[];
}

const PlatformsSchema = z.object({
  version: z.literal(1),
  /** Of the library. */
  release: z.string(),
  /** By system and processor, such as linux-x64. */
  platforms: z.record(z.string(), z.object({ archives: z.array(ArchiveSchema).min(1) })),
});

export type PackArchive = z.output<typeof ArchiveSchema>;
export type PackMember = z.output<typeof MemberSchema>;

/** Each is the library of that name, which people know as `product`. */
export const PACKS = {
  openvino: { product: 'OpenVINO', file: 'openvino-pack.json' },
  ggml: { product: 'ggml (node-llama-cpp)', file: 'ggml-pack.json' },
  ...extras,
} as const;
export const PACK_NAMES = Object.keys(PACKS) as readonly PackName[];

/** The packs for this system and processor. */
export function packsFor(resources: string): readonly Pack[] {
  return PACK_NAMES.map((name) => readPack(resources, name)).filter((pack) => pack !== null);
}

/** The pack `name` for a system and processor; null where there is none. Throws where its manifest is not one: then Fettle itself is damaged. */
export function readPack(
  resources: string,
  name: PackName,
  platform = `${process.platform}-${process.arch}`,
): Pack | null {
  const { product, file } = PACKS[name];
  const { release, platforms } = PlatformsSchema.parse(json(resources, file));
  const found = platforms[platform];
  if (!found) return null;
  return { name, release, contents: `${product} ${release}`, archives: found.archives };
}

const json = (folder: string, file: string): unknown =>
  JSON.parse(readFileSync(path.join(folder, file), 'utf8'));

/** Bytes that are downloaded, and bytes that the pack takes on the disk. */
export function packBytes({ archives }: Pick<Pack, 'archives'>): {
  readonly download: number;
  readonly disk: number;
} {
  const sum = (all: readonly { readonly bytes: number }[]) =>
    all.reduce((total, { bytes }) => total + bytes, 0);
  return { download: sum(archives), disk: sum(archives.flatMap(({ members }) => members)) };
}

export type PackState =
  /** `partBytes`: of an earlier download, which goes on from there. */
  | { readonly kind: 'absent'; readonly partBytes: number }
  | { readonly kind: 'ready'; readonly folder: string; readonly bytes: number }
  /** Made for another version of its library. */
  | { readonly kind: 'outdated'; readonly release: string }
  /** `file` is missing or has another size. */
  | { readonly kind: 'damaged'; readonly file: string };

export const packsOf = (data: string) => path.join(data, 'packs');

/** Tells the processes that this one starts where packs and models are: the data folder may have moved. */
export function usePacksOf(data: string): void {
  process.env.FETTLE_PACKS = packsOf(data);
  process.env.FETTLE_MODELS = path.join(data, 'models');
}

/** Where a pack, and what is on its way, lie below the packs' folder. */
export const packFolder = (packs: string, name: PackName) => path.join(packs, name);
export const partFolder = (packs: string, name: PackName) => path.join(packs, `${name}.part`);
/** Says which version the pack is for; written last. */
export const LABEL = 'pack.json';

export async function packState(packs: string, pack: Pack): Promise<PackState> {
  const folder = packFolder(packs, pack.name);
  const release = await readLabel(folder, pack.name);
  if (release === null) return { kind: 'absent', partBytes: await partBytes(partFolder(packs, pack.name)) };
  if (release !== pack.release) return { kind: 'outdated', release };
  let bytes = 0;
  for (const member of pack.archives.flatMap(({ members }) => members)) {
    const size = await sizeOf(path.join(folder, member.file));
    if (size !== member.bytes) return { kind: 'damaged', file: path.join(folder, member.file) };
    bytes += size;
  }
  return { kind: 'ready', folder, bytes };
}

/** The version that the pack in `folder` is for; empty where it says none, null where there is no pack. */
async function readLabel(folder: string, name: PackName): Promise<string | null> {
  const text = await fs.readFile(path.join(folder, LABEL), 'utf8').catch(() => null);
  if (text === null) return null;
  const found = parsedJson(text);
  const release = isRecord(found) ? found[name] : undefined;
  return typeof release === 'string' ? release : '';
}

/** What has arrived: by the record of the download, or as whole archives where that has ended. */
async function partBytes(folder: string): Promise<number> {
  const record = await readRecord(folder);
  if (record !== null) return bytesHere(record);
  const names = await fs.readdir(folder).catch(() => []);
  const sizes = names
    .filter((name) => /\.(whl|tgz)$/.test(name))
    .map((name) => sizeOf(path.join(folder, name)));
  return (await Promise.all(sizes)).reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

async function sizeOf(file: string): Promise<number | null> {
  const stats = await fs.stat(file).catch(() => null);
  return stats?.isFile() ? stats.size : null;
}

/** Deletes a pack and what is on its way; gives the bytes that were freed. */
export async function removePack(packs: string, pack: PackName): Promise<number> {
  let freed = 0;
  for (const folder of [packFolder(packs, pack), partFolder(packs, pack)]) {
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
        say`End trainings that use it, then try again.`,
        { cause: error },
      );
    });
  }
  return freed;
}

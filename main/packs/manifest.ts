/**
 * What the NVIDIA pack is made of: the libraries that compute on NVIDIA's cards are not shipped with Fettle, because they are large and
 * most computers cannot use them. The manifest in resources/ says where they come from and what they must hash to;
 * scripts/nvidia-pack.ts makes it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

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

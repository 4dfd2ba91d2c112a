/** Hugging Face's cache of downloads, as its own programs lay it out: `models--owner--name/snapshots/<commit>`. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { here, type Surroundings } from './paths.ts';

/** Folders that are looked at, at most. */
const MOST_ENTRIES = 5000;

export function huggingFaceCache({ home, env }: Surroundings = here()): string {
  return env.HF_HUB_CACHE ?? path.join(env.HF_HOME ?? path.join(home, '.cache/huggingface'), 'hub');
}

/** Each model with the folder of its newest commit. */
export async function cachedSnapshots(
  hub: string,
): Promise<{ readonly name: string; readonly folder: string }[]> {
  const found: { name: string; folder: string }[] = [];
  for (const folder of (await fs.readdir(hub)).slice(0, MOST_ENTRIES)) {
    const [, owner, name] = /^models--([^/\\]+?)--([^/\\]+)$/.exec(folder) ?? [];
    if (owner === undefined) continue;
    const snapshots = path.join(hub, folder, 'snapshots');
    const dated = await Promise.all(
      (await fs.readdir(snapshots).catch(() => [])).map(async (commit) => {
        const whole = path.join(snapshots, commit);
        return { whole, at: (await fs.stat(whole)).mtimeMs };
      }),
    );
    const newest = dated.toSorted((a, b) => b.at - a.at)[0];
    if (newest) found.push({ name: `${owner}/${name}`, folder: newest.whole });
  }
  return found;
}

/**
 * Compares resources/catalog.json with the Hub: whether each model is there, needs a consent, has the licence and the
 * architecture that the catalog says, and how large its files are. Needs a connection; HF_TOKEN, when set, is used for models
 * behind a consent. It prints differences and changes nothing: when there are none, put the day into the field `verified`.
 */
import os from 'node:os';
import { describeError } from '../common/errors.ts';
import { DEFAULT_SETTINGS } from '../common/settings/app.ts';
import { type CatalogEntry, readCatalog } from '../main/hub/catalog.ts';
import { Connection, TUNING } from '../main/hub/connection.ts';
import { planDownload } from '../main/hub/download/plan-download.ts';
import { bytesInAll } from '../main/hub/download/record.ts';
import { type RemoteModel, remoteModel } from '../main/hub/remote.ts';
import { resourcesFolder } from '../main/paths.ts';

/** Names of licences in the catalog, and what the Hub calls them. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  MIT: ['mit'],
  'Apache-2.0': ['apache-2.0'],
  'Llama 3.1 Community License': ['llama3.1'],
  'Llama 3.2 Community License': ['llama3.2'],
  'Qwen Research License': ['qwen-research'],
};
/** A size that differs by more than this share is worth a look. */
const TOLERANCE = 0.05;

/** Another address than the Hub's can be given, such as that of a mirror. */
const [hubUrl] = process.argv.slice(2);
const connection = new Connection({
  ...(hubUrl !== undefined && { hubUrl }),
  settings: { get: () => DEFAULT_SETTINGS, set: () => DEFAULT_SETTINGS },
  secrets: { get: async () => process.env.HF_TOKEN ?? null, set: async () => {} },
  tuning: { ...TUNING, tries: 3 },
});

async function differences(entry: CatalogEntry): Promise<string[]> {
  const model = await remoteModel(connection, entry.repo, undefined);
  return [...aboutModel(entry, model), ...(await aboutFiles(entry, model))];
}

function aboutModel(entry: CatalogEntry, model: RemoteModel): string[] {
  const found: string[] = [];
  const compare = (what: string, ours: unknown, theirs: unknown) =>
    void (ours !== theirs && found.push(`${what}: the catalog says ${ours}, the Hub ${theirs}`));
  compare('name', entry.repo, model.repo);
  compare('consent', entry.gated, model.gated);
  compare('architecture', entry.family, model.kind.model_type);
  const tags = TAGS[entry.licence] ?? [];
  if (!tags.includes(model.licence ?? '')) compare('licence', entry.licence, model.licence);
  return found;
}

/** Reads the configuration too, as a download does; a consent that is missing here is no difference. */
async function aboutFiles(entry: CatalogEntry, { revision, gated }: RemoteModel): Promise<string[]> {
  try {
    const bytes = bytesInAll(await planDownload(connection, entry.repo, revision));
    const share = bytes / entry.bytes - 1;
    if (Math.abs(share) <= TOLERANCE) return [];
    return [
      `size: the catalog says ${entry.bytes} bytes, the files have ${bytes} (${(share * 100).toFixed(1)} %)`,
    ];
  } catch (error) {
    if (gated && !process.env.HF_TOKEN) return ['files: not checked, set HF_TOKEN to a token with consent'];
    throw error;
  }
}

let wrong = 0;
for (const entry of await readCatalog(resourcesFolder())) {
  if (entry.bundled) continue;
  const found = await differences(entry).catch((error: unknown) => [
    describeError(error).replaceAll(os.EOL, ' '),
  ]);
  wrong += found.length;
  console.log(`${entry.repo}: ${found.length === 0 ? 'as the catalog says' : found.join('; ')}`);
}
await connection.close();
console.log(wrong === 0 ? 'No differences.' : `${wrong} differences.`);
process.exitCode = wrong === 0 ? 0 : 1;

/**
 * Compares resources/catalog.json with the Hub: whether each model is there, needs a consent, has the licence, the architecture and
 * the number of weights that the catalog says, and how large its files are. Needs a connection; HF_TOKEN, when set, is used for models
 * behind a consent. It prints differences and changes nothing: when there are none, put the day into the field `verified`, look up
 * the languages it names, and take `unsure` out.
 */
import os from 'node:os';
import { describeError } from '../common/errors.ts';
import { DEFAULT_SETTINGS } from '../common/settings/app.ts';
import { languageOf, outline, readModel } from '../main/engine/models/registry.ts';
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
  'Gemma Terms of Use': ['gemma'],
  'LFM Open License v1.0': ['lfm1.0'],
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

function compared(what: string, ours: unknown, theirs: unknown): string[] {
  return ours === theirs ? [] : [`${what}: the catalog says ${ours}, the Hub ${theirs}`];
}

function aboutModel(entry: CatalogEntry, model: RemoteModel): string[] {
  const tags = TAGS[entry.licence] ?? [];
  return [
    ...compared('name', entry.repo, model.repo),
    ...compared('consent', entry.gated, model.gated),
    ...(tags.includes(model.licence ?? '') ? [] : compared('licence', entry.licence, model.licence)),
  ];
}

/** Reads the configuration as a download does; a consent that is missing here is no difference. */
async function aboutFiles(entry: CatalogEntry, model: RemoteModel): Promise<string[]> {
  try {
    const bytes = bytesInAll(await planDownload(connection, entry.repo, model.revision));
    const share = bytes / entry.bytes - 1;
    const size = `size: the catalog says ${entry.bytes} bytes, the files have ${bytes} (${(share * 100).toFixed(1)} %)`;
    return [...(await aboutConfig(entry, model)), ...(Math.abs(share) <= TOLERANCE ? [] : [size])];
  } catch (error) {
    if (model.gated && !process.env.HF_TOKEN)
      return ['files: not checked, set HF_TOKEN to a token with consent'];
    throw error;
  }
}

/** What the engine makes of the model's config.json: its family, and the weights that follow from its shape. */
async function aboutConfig(entry: CatalogEntry, { repo, revision }: RemoteModel): Promise<string[]> {
  const url = connection.fileUrl(repo, revision, 'config.json');
  const about = { what: `Reading config.json of ${repo}`, repo };
  const { bytes } = await connection.read(url, { 'accept-encoding': 'identity' }, about, MOST_CONFIG_BYTES);
  const config = JSON.parse(bytes.toString('utf8'));
  const family = compared('architecture', entry.family, languageOf(config).model_type);
  if (family.length > 0) return family;
  return compared('parameters', entry.parameters, outline(readModel(config)).parameterCount);
}

const MOST_CONFIG_BYTES = 10_000_000;

let wrong = 0;
for (const entry of await readCatalog(resourcesFolder())) {
  if (entry.bundled) continue;
  const found = await differences(entry).catch((error: unknown) => [
    describeError(error).replaceAll(os.EOL, ' '),
  ]);
  wrong += found.length;
  const same = entry.unsure?.includes('languages')
    ? 'as the catalog says, but look up its languages'
    : 'as the catalog says';
  console.log(`${entry.repo}: ${found.length === 0 ? same : found.join('; ')}`);
}
await connection.close();
console.log(wrong === 0 ? 'No differences.' : `${wrong} differences.`);
process.exitCode = wrong === 0 ? 0 : 1;

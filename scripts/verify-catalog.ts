/**
 * Compares resources/catalog.json with the Hub: whether each model is there, needs a consent, has the licence, the architecture and
 * the number of weights that the catalog says, and how large its files are. Needs a connection; HF_TOKEN, when set, is used for models
 * behind a consent. It prints differences and changes nothing: when there are none, put the day into the field `verified`, look up
 * the languages it names, and take `unsure` out.
 */
import os from 'node:os';
import { describeError } from '../common/errors.ts';
import { DEFAULT_SETTINGS } from '../common/settings/app.ts';
import type { JsonObject } from '../main/engine/models/config-reader.ts';
import { encoderOutline } from '../main/engine/models/encoder.ts';
import { readEncoder } from '../main/engine/models/encoders.ts';
import { languageOf, outline, readModel } from '../main/engine/models/registry.ts';
import { type CatalogEntry, type EncoderEntry, readCatalog, readEncoders } from '../main/hub/catalog.ts';
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

function aboutModel(entry: Pick<CatalogEntry, 'repo' | 'gated' | 'licence'>, model: RemoteModel): string[] {
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
  const config = await configOf(repo, revision);
  const family = compared('architecture', entry.family, languageOf(config).model_type);
  if (family.length > 0) return family;
  return compared('parameters', entry.parameters, outline(readModel(config)).parameterCount);
}

async function configOf(repo: string, revision: string): Promise<JsonObject> {
  const url = connection.fileUrl(repo, revision, 'config.json');
  const about = { what: `Reading config.json of ${repo}`, repo };
  const { bytes } = await connection.read(url, { 'accept-encoding': 'identity' }, about, MOST_CONFIG_BYTES);
  return JSON.parse(bytes.toString('utf8'));
}

/** The same of an encoder, whose folder also holds copies of the weights in other formats. */
async function encoderDifferences(entry: EncoderEntry): Promise<string[]> {
  const model = await remoteModel(connection, entry.repo, undefined);
  const config = await configOf(model.repo, model.revision);
  const weights = model.files.filter(({ path }) => /^model[\w-]*\.safetensors$/.test(path));
  const bytes = weights.reduce((sum, file) => sum + file.bytes, 0);
  const isNear = Math.abs(bytes / entry.bytes - 1) <= TOLERANCE;
  return [
    ...aboutModel(entry, model),
    ...compared('architecture', entry.family, config.model_type),
    ...compared('parameters', entry.parameters, encoderOutline(readEncoder(config)).parameterCount),
    ...(isNear ? [] : [`size: the catalog says ${entry.bytes} bytes, the weights have ${bytes}`]),
  ];
}

const MOST_CONFIG_BYTES = 10_000_000;

let wrong = 0;
const models = (await readCatalog(resourcesFolder())).filter(({ bundled }) => !bundled);
const all = [
  ...models.map((entry) => ({ entry, ask: () => differences(entry) })),
  ...(await readEncoders(resourcesFolder())).map((entry) => ({
    entry,
    ask: () => encoderDifferences(entry),
  })),
];
for (const { entry, ask } of all) {
  const found = await ask().catch((error: unknown) => [describeError(error).replaceAll(os.EOL, ' ')]);
  wrong += found.length;
  const same = entry.unsure?.includes('languages')
    ? 'as the catalog says, but look up its languages'
    : 'as the catalog says';
  console.log(`${entry.repo}: ${found.length === 0 ? same : found.join('; ')}`);
}
await connection.close();
console.log(wrong === 0 ? 'No differences.' : `${wrong} differences.`);
process.exitCode = wrong === 0 ? 0 : 1;

/**
 * Data sets of the Hugging Face Hub: found by words, shown with licence and size, and downloaded part by part (a configuration, a split, by
 * the names of files). Downloads resume and are checked by hash, like those of models.
 */

import { createHash } from 'node:crypto';
import path from 'node:path';
import { datasetInfo, listDatasets, listFiles } from '@huggingface/hub';
import type { DatasetDetails, DatasetPart, FoundDataset } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { RawTable } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import { type Connection, readAtMost, type Tuning } from './connection.ts';
import { newRecord, readRecord } from './download/record.ts';
import { Transfer } from './download/transfer.ts';
import { badAnswer, readingAnswer } from './hub-errors.ts';
import { COMMIT, checked, isPlainName, licenceOf, REPO, type RemoteFile } from './remote.ts';

/** A part with what is needed to fetch it; `path` of a file is its name on the Hub, with folders. */
interface RemotePart extends DatasetPart {
  readonly sources: readonly RemoteFile[];
}

interface RemoteDataset extends Omit<DatasetDetails, 'parts'> {
  readonly parts: readonly RemotePart[];
}

const MOST_FILES = 20_000;
const MOST_PARTS = 200;
const READABLE = /\.(parquet|csv|tsv|jsonl|ndjson|json)(\.gz)?$/i;
/** Descriptions that lie beside the data. */
const ABOUT = /(^|[/_-])(dataset_infos?|config|metadata|croissant|readme|package)\.json$/i;
const ADDRESS = /^(?:https:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\/datasets\/([^/?#]+(?:\/[^/?#]+)?)/;

/** At most `limit` data sets, the most downloaded first. An address of a page is taken for the name in it. */
export function searchDatasets(
  connection: Connection,
  query: string,
  limit: number,
): Promise<FoundDataset[]> {
  const what = say`Searching the Hub`;
  const found = async () => {
    const sets: FoundDataset[] = [];
    const results = listDatasets({
      search: { query: ADDRESS.exec(query.trim())?.[1] ?? query },
      additionalFields: ['tags'],
      sort: 'downloads',
      limit,
      hubUrl: connection.hubUrl,
      fetch: connection.fetchFor({ what }),
    });
    for await (const { name, downloads = 0, gated, tags } of results) {
      if (isName(name))
        sets.push({ repo: name, downloads, gated: Boolean(gated), licence: licenceOf(null, tags) });
    }
    return sets;
  };
  return readingAnswer(what, () => inDataWords('', found));
}

/** What a data set has that can be read here, as it is now. */
export function remoteDataset(connection: Connection, repo: string): Promise<RemoteDataset> {
  if (!isName(repo)) throw noSuchDataset(repo);
  const what = say`Looking up ${repo}`;
  return readingAnswer(what, () => inDataWords(repo, () => lookUp(connection, repo, what)));
}

async function lookUp(connection: Connection, repo: string, what: string): Promise<RemoteDataset> {
  const common = { hubUrl: connection.hubUrl, fetch: connection.fetchFor({ what, repo }) };
  const info = await datasetInfo({ ...common, name: repo, additionalFields: ['sha', 'cardData', 'tags'] });
  const revision = String(info.sha);
  if (!COMMIT.test(revision)) throw badAnswer(what, 'the state of the data set is not named');
  const files: RemoteFile[] = [];
  let seen = 0;
  const entries = listFiles({ ...common, repo: { type: 'dataset', name: repo }, revision, recursive: true });
  for await (const entry of entries) {
    if (++seen > MOST_FILES) break;
    const { path } = entry;
    if (entry.type !== 'file' || !READABLE.test(path) || ABOUT.test(path)) continue;
    // the name becomes one of a file here: one that leads elsewhere is passed over
    if (!path.split('/').every(isPlainName)) continue;
    files.push({ ...checked(repo, { ...entry, path: localName(path) }), path });
  }
  return {
    repo,
    revision,
    parts: partsOf(files),
    gated: Boolean(info.gated),
    licence: licenceOf(info.cardData, info.tags),
  };
}

/** Files that belong together: the same folder, split and format. Those for training come first. */
export function partsOf(files: readonly RemoteFile[]): RemotePart[] {
  const groups = Map.groupBy(files, (file) => labelOf(file.path));
  const parts = [...groups].map(([label, sources]): RemotePart => {
    const sorted = sources.toSorted((a, b) => a.path.localeCompare(b.path, 'en'));
    const bytes = sources.reduce((sum, file) => sum + file.bytes, 0);
    return { id: label, label, files: sources.length, bytes, sources: sorted };
  });
  const rank = ({ label }: RemotePart) => (/\btrain\b/i.test(label) ? 0 : 1);
  return parts.sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label, 'en')).slice(0, MOST_PARTS);
}

/** `data/train-00000-of-00003.parquet` -> `train (parquet)`, `en/test.jsonl` -> `en / test (jsonl)`. */
function labelOf(file: string): string {
  const [, stem = '', format = ''] = /^(.*?)\.([a-z]+)(?:\.gz)?$/i.exec(file) ?? [];
  const folders = stem.split('/');
  const name = (folders.pop() ?? '')
    .replace(/-\d{5}-of-\d{5}.*$/, '')
    .replace(/^(part|shard)?[-_.]?\d+$/i, '');
  const words = [...folders.filter((folder, at) => at > 0 || folder !== 'data'), name].filter(Boolean);
  return `${words.join(' / ') || 'data'} (${format.toLowerCase()})`;
}

/** The name of a file of a data set as one without folders. */
export function localName(path: string): string {
  return path.replaceAll('/', '--');
}

function isName(repo: string): boolean {
  return REPO.test(repo) && !repo.includes('..');
}

/** What the Hub's answers mean for a data set; the words for models are the usual ones. */
async function inDataWords<T>(repo: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'hub-model-not-found') throw noSuchDataset(repo);
    if (error.code !== 'model-gated') throw error;
    throw new AppError(
      'data-gated',
      say`${repo} needs an account at Hugging Face and your consent.`,
      say`Accept the conditions at huggingface.co/datasets/${repo}, then paste a read token into Settings.`,
      { cause: error },
    );
  }
}

function noSuchDataset(repo: string): AppError {
  return new AppError(
    'hub-data-not-found',
    say`There is no data set ${repo.slice(0, 100)}, or it is private.`,
    say`Check the spelling: owner/name.`,
  );
}

const VIEWER = 'https://datasets-server.huggingface.co';
const ROWS = 5;
const CELL_CHARS = 300;
const MOST_BYTES = 10_000_000;
const PATIENCE_MS = 12_000;

interface Split {
  readonly config: string;
  readonly split: string;
}

/** Rows of the split that `part` names; null where the viewer has none, cannot be reached, or a mirror stands for the Hub. */
export async function firstRows(
  connection: Connection,
  repo: string,
  part: string,
  signal?: AbortSignal,
): Promise<RawTable | null> {
  if (connection.hasMirror) return null;
  const viewer = connection.isHub ? VIEWER : `${connection.hubUrl}/viewer`;
  const within = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])]);
  const ask = async (path: string, asked: Readonly<Record<string, string>>) => {
    const address = `${viewer}/${path}?${new URLSearchParams(asked)}`;
    const response = await connection.get(address, {}, { what: path, signal: within });
    return JSON.parse((await readAtMost(response, MOST_BYTES)).toString('utf8')) as unknown;
  };
  try {
    const { splits } = (await ask('splits', { dataset: repo })) as { splits: Split[] };
    const split = splitOf(splits, part);
    if (!split) return null;
    const { config, split: name } = split;
    return tableOf(await ask('first-rows', { dataset: repo, config, split: name }));
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

/** The split whose names stand in the part's; of several the one with both, else the first of training. */
function splitOf(splits: readonly Split[], part: string): Split | undefined {
  const words = part.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const closeness = ({ config, split }: Split) =>
    (words.includes(split.toLowerCase()) ? 2 : 0) +
    (part.toLowerCase().includes(config.toLowerCase()) ? 1 : 0);
  return splits.toSorted((a, b) => closeness(b) - closeness(a))[0];
}

function tableOf(answer: unknown): RawTable {
  const { features, rows } = answer as {
    features: { name: string }[];
    rows: { row: Record<string, unknown> }[];
  };
  const columns = features.map(({ name }) => String(name));
  const cells = rows.slice(0, ROWS).map(({ row }) => columns.map((column) => cellOf(row[column])));
  return { columns, rows: cells };
}

function cellOf(value: unknown): string {
  const text = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value);
  return text.length > CELL_CHARS ? `${text.slice(0, CELL_CHARS - 1)}…` : text;
}

export interface DatasetDownload {
  readonly connection: Connection;
  readonly tuning: Tuning;
  readonly freeBytes: (folder: string) => Promise<number>;
  /** Where a state of a data set belongs. */
  readonly folder: string;
  readonly onProgress: (bytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

/** Gives the paths of the files when all are here and right. Aborted, it keeps what has arrived for the next try. */
export async function downloadPart(
  { repo, revision, licence, parts }: RemoteDataset,
  partId: string,
  { connection, tuning, freeBytes, folder, onProgress, signal }: DatasetDownload,
): Promise<string[]> {
  const part = parts.find(({ id }) => id === partId);
  if (!part)
    throw new AppError(
      'hub-data-changed',
      say`${repo} has changed and has no part ${partId} any more.`,
      say`Search for it again.`,
    );
  const at = path.join(folder, createHash('sha256').update(partId).digest('hex').slice(0, 12));
  const remote = new Map(part.sources.map((file) => [localName(file.path), file.path]));
  const files = part.sources.map((file) => ({ ...file, path: localName(file.path) }));
  const plan = { repo, revision, licence, gguf: null, files };
  const transfer = new Transfer({
    connection,
    tuning,
    freeBytes,
    folder: at,
    record: (await readRecord(at)) ?? newRecord(plan, tuning.rangeBytes),
    urlOf: (file) => connection.fileUrl(`datasets/${repo}`, revision, remote.get(file.path) ?? file.path),
    onChange: () => onProgress(transfer.bytes, transfer.totalBytes),
  });
  await inDataWords(repo, () => transfer.run(signal));
  return files.map((file) => path.join(at, file.path));
}

/**
 * What the Hub says: which models it has, which state of one is meant, which files that has, and what their
 * content must hash to.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { listFiles, listModels, modelInfo } from '@huggingface/hub';
import type { HubModel } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { type ModelKind, unsuitableFiles, unsuitableKind } from './catalog.ts';
import type { Connection } from './connection.ts';
import { badAnswer, readingAnswer } from './hub-errors.ts';

export interface RemoteFile {
  readonly path: string;
  readonly bytes: number;
  /** Of large files the SHA-256 of the content, of others git's SHA-1, which has a header before the content. */
  readonly hash: { readonly kind: 'sha256' | 'git-sha1'; readonly value: string };
}

export interface RemoteModel {
  /** As the Hub spells it now; a model may have been renamed. */
  readonly repo: string;
  /** Commit, 40 hexadecimal digits. */
  readonly revision: string;
  readonly gated: boolean;
  readonly licence: string | null;
  readonly kind: ModelKind;
  readonly files: readonly RemoteFile[];
}

/** `owner/name`, or the name alone for a few old models. */
const NAME = '[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_-])?';
export const REPO = new RegExp(`^(?:${NAME}/)?${NAME}$`);
export const COMMIT = /^[0-9a-f]{40}$/;
const MOST_FILES = 20_000;

/** The name of a model on the Hub out of what a person gave: the name itself, or the address of its page. */
export function repoName(given: string): string {
  const name = given
    .trim()
    .replace(/^https:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\//, '')
    .replace(/\/(?:tree|blob)\/.*$|\/$/, '');
  if (REPO.test(name) && !name.includes('..') && !name.includes('--')) return name;
  throw new AppError(
    'hub-model-name',
    say`“${given.slice(0, 100)}” is not the name of a model on the Hub.`,
    say`Write owner/name, such as HuggingFaceTB/SmolLM2-135M.`,
  );
}

/** Asks the Hub about `repo` at `revision`, a branch, tag or commit; without one, as it is now. */
export function remoteModel(
  connection: Connection,
  repo: string,
  revision: string | undefined,
): Promise<RemoteModel> {
  const what = say`Looking up ${repo}`;
  return readingAnswer(what, async () => {
    const common = { hubUrl: connection.hubUrl, fetch: connection.fetchFor({ what, repo }) };
    const info = await modelInfo({
      ...common,
      name: repo,
      ...(revision !== undefined && { revision }),
      additionalFields: ['sha', 'config', 'cardData', 'tags'],
    });
    const sha = String(info.sha);
    if (!COMMIT.test(sha)) throw badAnswer(what, say`the state of the model is not named`);
    const name = repoName(String(info.name ?? repo));
    return {
      repo: name,
      revision: sha,
      gated: Boolean(info.gated),
      licence: licenceOf(info.cardData, info.tags),
      kind: (info.config ?? {}) as ModelKind,
      files: await filesOf(common, name, sha),
    };
  });
}

/** The files in `folder` of a model, with their names from its top. */
export function filesIn(
  connection: Connection,
  { repo, revision }: RemoteModel,
  folder: string,
): Promise<RemoteFile[]> {
  const what = say`Looking up ${repo}`;
  const common = { hubUrl: connection.hubUrl, fetch: connection.fetchFor({ what, repo }) };
  return readingAnswer(what, () => filesOf(common, repo, revision, folder));
}

async function filesOf(
  common: { hubUrl: string; fetch: typeof fetch },
  repo: string,
  revision: string,
  folder = '',
): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  for await (const entry of listFiles({ ...common, repo, revision, path: folder, recursive: false })) {
    if (files.length >= MOST_FILES)
      throw badAnswer(say`Looking up ${repo}`, say`the list of its files has no end`);
    if (entry.type === 'file') files.push(checked(repo, entry, folder));
  }
  return files;
}

/** The list is not ours: a name becomes a path on this computer, so a name that leads anywhere else is refused. */
export function checked(
  repo: string,
  entry: { path: string; size: number; oid?: string; lfs?: { oid: string; size: number } },
  folder = '',
): RemoteFile {
  const { path, oid, lfs } = entry;
  const inside = folder === '' ? '' : `${folder}/`;
  if (!String(path).startsWith(inside) || !isPlainName(path.slice(inside.length)))
    throw new AppError(
      'hub-model-unsafe',
      say`${repo} lists a file outside its folder: ${JSON.stringify(String(path).slice(0, 80))}.`,
      say`Don't use this model.`,
    );
  const bytes = lfs?.size ?? entry.size;
  const hash = lfs
    ? { kind: 'sha256' as const, value: lfs.oid.replace(/^sha256:/, '') }
    : { kind: 'git-sha1' as const, value: String(oid) };
  const isHash = hash.kind === 'sha256' ? /^[0-9a-f]{64}$/ : COMMIT;
  if (!Number.isSafeInteger(bytes) || bytes < 0 || !isHash.test(hash.value))
    throw badAnswer(say`Looking up ${repo}`, say`size or hash of ${path} is missing`);
  return { path, bytes, hash };
}

export function isPlainName(name: unknown): name is string {
  return (
    typeof name === 'string' && /^[^/\\:*?"<>|\p{C}]{1,200}$/u.test(name) && !/^\.{1,2}$|[. ]$/.test(name)
  );
}

export function licenceOf(card: unknown, tags: unknown): string | null {
  const named = (card as { license?: unknown; license_name?: unknown } | undefined) ?? {};
  if (typeof named.license_name === 'string') return named.license_name;
  if (typeof named.license === 'string') return named.license;
  const tag = Array.isArray(tags) ? tags.find((entry) => String(entry).startsWith('license:')) : undefined;
  return tag === undefined ? null : String(tag).slice('license:'.length);
}

const searching = () => say`Searching the Hub`;

/** At most `limit` models, the most downloaded first. */
export function searchHub(connection: Connection, query: string, limit: number): Promise<HubModel[]> {
  return readingAnswer(searching(), async () => {
    const found = new Map<string, HubModel>();
    for (const task of TASKS)
      for (const model of await searchedFor(connection, query, limit, task)) found.set(model.repo, model);
    return [...found.values()].toSorted((a, b) => b.downloads - a.downloads).slice(0, limit);
  });
}

/** Models that also read images are listed under a task of their own. */
const TASKS = ['text-generation', 'image-text-to-text'] as const;

async function searchedFor(
  connection: Connection,
  query: string,
  limit: number,
  task: (typeof TASKS)[number],
): Promise<HubModel[]> {
  const found: HubModel[] = [];
  const results = listModels({
    search: { query, task },
    additionalFields: ['config', 'filePaths'],
    sort: 'downloads',
    limit,
    hubUrl: connection.hubUrl,
    fetch: connection.fetchFor({ what: searching() }),
  });
  for await (const model of results) {
    found.push({
      repo: model.name,
      downloads: model.downloads ?? 0,
      likes: model.likes ?? 0,
      updated: Number.isNaN(model.updatedAt.getTime()) ? '' : model.updatedAt.toISOString(),
      gated: Boolean(model.gated),
      task: model.task ?? null,
      unsuitable:
        unsuitableKind((model.config ?? {}) as ModelKind, model.filePaths ?? []) ??
        unsuitableFiles(model.filePaths ?? []),
    });
  }
  return found;
}

/** Whether `chunks` in a row are the file. */
export function matches(file: RemoteFile, chunks: Iterable<Uint8Array>): boolean {
  const hash = hashOf(file);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex') === file.hash.value;
}

/** Whether the file at `path` is `file`; it is read once from beginning to end. */
export async function fileMatches(path: string, file: RemoteFile, signal: AbortSignal): Promise<boolean> {
  const hash = hashOf(file);
  signal.throwIfAborted();
  // given to the stream, a signal that comes at once leaves the file open (Node 24)
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex') === file.hash.value;
}

/** Git hashes `blob <size>\0` before the content. */
function hashOf({ hash, bytes }: RemoteFile): Hash {
  if (hash.kind === 'sha256') return createHash('sha256');
  return createHash('sha1').update(`blob ${bytes}\0`);
}

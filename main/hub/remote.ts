/** What the Hub says about one model: which state of it is meant, which files it has, and what their content must hash to. */
import { listFiles, modelInfo } from '@huggingface/hub';
import { AppError } from '../errors.ts';
import { badAnswer, readingAnswer } from './errors.ts';
import type { ModelKind } from './families.ts';
import type { Connection } from './net/connection.ts';

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
const REPO = new RegExp(`^(?:${NAME}/)?${NAME}$`);
const COMMIT = /^[0-9a-f]{40}$/;
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
    `"${given.slice(0, 100)}" is not the name of a model on the Hub.`,
    'Expected owner/name, such as HuggingFaceTB/SmolLM2-135M.',
  );
}

/** Asks the Hub about `repo` at `revision`, a branch, tag or commit; without one, as it is now. */
export function remoteModel(
  connection: Connection,
  repo: string,
  revision: string | undefined,
): Promise<RemoteModel> {
  const what = `Looking up ${repo}`;
  return readingAnswer(what, () => lookUp(connection, repo, revision, what));
}

async function lookUp(
  connection: Connection,
  repo: string,
  revision: string | undefined,
  what: string,
): Promise<RemoteModel> {
  const about = { what, repo };
  const common = { hubUrl: connection.hubUrl, fetch: connection.fetchFor(about) };
  const info = await modelInfo({
    ...common,
    name: repo,
    ...(revision !== undefined && { revision }),
    additionalFields: ['sha', 'config', 'cardData', 'tags'],
  });
  const sha = String(info.sha);
  if (!COMMIT.test(sha)) throw badAnswer(what, 'the state of the model is not named');
  const name = repoName(String(info.name ?? repo));
  return {
    repo: name,
    revision: sha,
    gated: Boolean(info.gated),
    licence: licenceOf(info.cardData, info.tags),
    kind: (info.config ?? {}) as ModelKind,
    files: await filesOf(common, name, sha),
  };
}

async function filesOf(
  common: { hubUrl: string; fetch: typeof fetch },
  repo: string,
  revision: string,
): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  for await (const entry of listFiles({ ...common, repo, revision, recursive: false })) {
    if (files.length >= MOST_FILES) throw badAnswer(`Looking up ${repo}`, 'the list of its files has no end');
    if (entry.type === 'file') files.push(checked(repo, entry));
  }
  return files;
}

/** The list is not ours: a name becomes a path on this computer, so a name that leads anywhere else is refused. */
function checked(
  repo: string,
  entry: { path: string; size: number; oid?: string; lfs?: { oid: string; size: number } },
) {
  const { path, oid, lfs } = entry;
  if (!isPlainName(path))
    throw new AppError(
      'hub-model-unsafe',
      `${repo} lists a file whose name leads out of its folder: ${JSON.stringify(String(path).slice(0, 80))}.`,
      'Do not use this model: such a name has no honest reason.',
    );
  const bytes = lfs?.size ?? entry.size;
  const hash = lfs
    ? { kind: 'sha256' as const, value: lfs.oid.replace(/^sha256:/, '') }
    : { kind: 'git-sha1' as const, value: String(oid) };
  const isHash = hash.kind === 'sha256' ? /^[0-9a-f]{64}$/ : COMMIT;
  if (!Number.isSafeInteger(bytes) || bytes < 0 || !isHash.test(hash.value))
    throw badAnswer(`Looking up ${repo}`, `size or hash of ${path} is missing`);
  return { path, bytes, hash };
}

function isPlainName(name: unknown): name is string {
  return (
    typeof name === 'string' && /^[^/\\:*?"<>|\p{C}]{1,200}$/u.test(name) && !/^\.{1,2}$|[. ]$/.test(name)
  );
}

function licenceOf(card: unknown, tags: unknown): string | null {
  const named = (card as { license?: unknown; license_name?: unknown } | undefined) ?? {};
  if (typeof named.license_name === 'string') return named.license_name;
  if (typeof named.license === 'string') return named.license;
  const tag = Array.isArray(tags) ? tags.find((entry) => String(entry).startsWith('license:')) : undefined;
  return tag === undefined ? null : String(tag).slice('license:'.length);
}

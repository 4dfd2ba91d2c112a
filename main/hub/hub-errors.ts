/**
 * How the Hub and the way to it fail, in words that say what to do, and what is tried again after longer and
 * longer waits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../common/errors.ts';

export interface Asked {
  readonly what: string;
  /** `owner/name`, where the request is about one model. */
  readonly repo: string | null;
  readonly hasToken: boolean;
  /** Host of the mirror that is set, null for the Hub itself. */
  readonly mirror: string | null;
}

/** A failure that may pass: worth another try after a while. */
export class Passing extends Error {
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Passing';
    this.retryAfterMs = retryAfterMs;
  }
}

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** What an answer with a status outside 200 to 299 means: a `Passing` error, or an AppError. */
export function statusError(response: Response, asked: Asked): Error {
  const { status } = response;
  if (PASSING.has(status))
    return new Passing(`the answer was ${status}`, retryAfter(response.headers.get('retry-after')));
  const code = response.headers.get('x-error-code');
  if (code === 'RevisionNotFound')
    return new AppError(
      'hub-revision-not-found',
      `${asked.repo ?? 'The model'} has no such version.`,
      'Leave the version out to get the newest one.',
    );
  if (status === 404 || code === 'RepoNotFound' || code === 'EntryNotFound') return notFound(asked);
  if (status === 401 || status === 403) return gated(asked);
  return new AppError(
    'hub-answer',
    `${asked.what} failed: the answer was ${status}.`,
    'Try again later. If a mirror or a proxy is set in Settings, check that it serves the Hugging Face Hub.',
  );
}

function notFound({ repo, what, mirror }: Asked): AppError {
  const where = mirror ? `The mirror ${mirror}` : 'The Hugging Face Hub';
  return new AppError(
    'hub-model-not-found',
    repo ? `${where} has no model "${repo}", or it is private.` : `${where} has no answer: ${what}.`,
    'Check the spelling (owner/name). For a private model, paste a token that may read it into Settings.',
  );
}

function gated({ repo, hasToken, mirror }: Asked): AppError {
  const page = repo ? `huggingface.co/${repo}` : 'the page of the model';
  if (mirror)
    return new AppError(
      'model-gated',
      `The mirror ${mirror} refuses ${repo ?? 'this'}: it asks for a sign-in.`,
      'Fettle sends the token to the Hugging Face Hub only, never to a mirror. Take the mirror out of Settings to get this model.',
    );
  return new AppError(
    'model-gated',
    hasToken
      ? `The token that is kept here has no access to ${repo ?? 'this model'} (yet).`
      : `The makers of ${repo ?? 'this model'} want an account and your consent before it may be downloaded.`,
    hasToken
      ? `Open ${page} with the account of the token, accept the conditions and wait for the consent. If that is done, the token may have expired or may not read this model: make a new read token at huggingface.co/settings/tokens and paste it into Settings.`
      : `1. Open ${page}, sign in and accept the conditions. 2. Make a read token at huggingface.co/settings/tokens. 3. Paste it into Settings, and start the download again.`,
  );
}

/** The header's value, seconds or a date, in milliseconds; at most ten minutes. */
export function retryAfter(value: string | null, now = Date.now()): number | null {
  if (!value) return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), 600_000);
}

/** After the last try. */
export function unreachable(what: string, cause: unknown, proxy: string | null): AppError {
  return new AppError(
    'hub-unreachable',
    `${what} failed: ${reasonOf(cause)}.`,
    proxy
      ? 'Check the connection, and the proxy in Settings. What has arrived is kept, and the download resumes from there.'
      : 'Check the connection, or set the proxy of your network in Settings. What has arrived is kept, and the download resumes from there.',
    { cause },
  );
}

/** Content whose hash is wrong. */
export function damaged(file: string, repo: string): AppError {
  return new AppError(
    'download-damaged',
    `${file} of ${repo} came with other content than its publisher says it has.`,
    'A mirror, a proxy or a virus scanner may change it on the way: check Settings, and try again later.',
  );
}

/** An answer that is JSON and still not what the Hub says. */
export function badAnswer(what: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    'hub-answer',
    `${what} failed: ${reason}.`,
    'Try again later. If a mirror is set in Settings, check that it serves the Hugging Face Hub.',
    { cause },
  );
}

/** What `read` makes of the Hub's JSON; where that has not the shape of the Hub's, the error says so. */
export async function readingAnswer<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TypeError) throw badAnswer(what, 'the answer is not one of the Hub', error);
    throw error;
  }
}

export function offline(): AppError {
  return new AppError(
    'offline',
    'Fettle is set to make no connections.',
    'Switch "offline" off in Settings, or use a model that is on this computer.',
  );
}

/** The last cause of a failed fetch, which by itself says only "fetch failed". */
function reasonOf(error: unknown): string {
  let last = error;
  while (last instanceof Error && last.cause !== undefined) last = last.cause;
  const { code, message } = last as { code?: string; message?: string };
  return WORDS[code ?? ''] ?? message ?? String(last);
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the server was not found',
  EAI_AGAIN: 'the name of the server was not found',
  ECONNREFUSED: 'the server refused the connection',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'the server did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'the server did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'the server stopped sending',
};

const LONGEST_MS = 60_000;

/** Failures in a row after which a request is given up, and the first wait between two. */
interface Patience {
  readonly tries: number;
  readonly backOffMs: number;
}

interface RetryOptions {
  readonly tuning: Patience;
  readonly signal?: AbortSignal | undefined;
  /** A number that grows with what was reached: when it has grown, failures count from 0 again. */
  readonly reached?: () => number;
  /** The error after the last try. */
  readonly giveUp: (cause: unknown) => Error;
}

/** The first result of `attempt`; errors that will not pass come through at once. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { tuning, signal, reached = () => 0, giveUp }: RetryOptions,
): Promise<T> {
  let failures = 0;
  let before = reached();
  while (true) {
    try {
      signal?.throwIfAborted();
      return await attempt();
    } catch (error) {
      if (signal?.aborted || !mayPass(error)) throw error;
      if (reached() > before) failures = 0;
      before = reached();
      if (++failures >= tuning.tries) throw giveUp(error);
      await sleep(waitMs(failures, error, tuning), undefined, signal ? { signal } : {});
    }
  }
}

/** What the server asks for, else the back-off with a spread, so that ranges do not all come back at one moment. */
function waitMs(failures: number, error: unknown, { backOffMs }: Patience): number {
  if (error instanceof Passing && error.retryAfterMs !== null) return error.retryAfterMs;
  return Math.min(backOffMs * 2 ** (failures - 1), LONGEST_MS) * (0.75 + Math.random() / 2);
}

/** Of fetch, every failure on the way is a TypeError; what the file system says has a `syscall` and is no matter of the way. */
function mayPass(error: unknown): boolean {
  if (error instanceof Passing) return true;
  if (error instanceof AppError || !(error instanceof TypeError)) return false;
  const { code } = (error.cause ?? {}) as { code?: string };
  return !LASTING.has(code ?? '') && !/CERT|SELF_SIGNED|UNABLE_TO/.test(code ?? '');
}

const LASTING = new Set(['ERR_INVALID_URL', 'UND_ERR_INVALID_ARG']);

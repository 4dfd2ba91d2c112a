/**
 * How the Hub and the way to it fail, in words that say what to do, and what is tried again after longer and
 * longer waits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../common/errors.ts';
import { said, say } from '../../common/words/language.ts';

export interface HubRequest {
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
export function statusError(response: Response, asked: HubRequest): Error {
  const { status } = response;
  if (PASSING.has(status))
    return new Passing(say`the answer was ${status}`, retryAfter(response.headers.get('retry-after')));
  const code = response.headers.get('x-error-code');
  if (code === 'RevisionNotFound')
    return new AppError(
      'hub-revision-not-found',
      say`${asked.repo ?? say`The model`} has no such version.`,
      say`Leave the version out to get the newest one.`,
    );
  if (status === 404 || code === 'RepoNotFound' || code === 'EntryNotFound') return notFound(asked);
  if (status === 401 || status === 403) return gated(asked);
  return new AppError(
    'hub-answer',
    say`${asked.what} failed: the answer was ${status}.`,
    say`Try again later. If you use a mirror or a proxy, check it in Settings.`,
  );
}

function notFound({ repo, what, mirror }: HubRequest): AppError {
  const where = mirror ? say`The mirror ${mirror}` : say`The Hugging Face Hub`;
  return new AppError(
    'hub-model-not-found',
    repo ? say`${where} has no model “${repo}”, or it is private.` : say`${where} has no answer: ${what}.`,
    say`Check the spelling (owner/name). For a private model, paste a token that may read it into Settings.`,
  );
}

function gated({ repo, hasToken, mirror }: HubRequest): AppError {
  const page = repo ? `huggingface.co/${repo}` : say`the page of the model`;
  if (mirror)
    return new AppError(
      'model-gated',
      say`The mirror ${mirror} refuses ${repo ?? say`this`}: it asks for a sign-in.`,
      say`Your token is sent to the Hugging Face Hub only. Remove the mirror in Settings to get this model.`,
    );
  return new AppError(
    'model-gated',
    hasToken
      ? say`Your token has no access to ${repo ?? say`this model`} yet.`
      : say`The makers of ${repo ?? say`this model`} ask for an account and your consent first.`,
    hasToken
      ? say`Open ${page} with the account of your token, accept the conditions and wait for the consent. If you did, make a new read token at huggingface.co/settings/tokens and paste it into Settings.`
      : say`1. Open ${page}, sign in and accept the conditions. 2. Make a read token at huggingface.co/settings/tokens. 3. Paste it into Settings, and start the download again.`,
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
    say`${what} failed: ${reasonOf(cause)}.`,
    proxy
      ? say`Check the connection, and the proxy in Settings. The download resumes where it stopped.`
      : say`Check the connection, or set your network's proxy in Settings. The download resumes where it stopped.`,
    { cause },
  );
}

/** Content whose hash is wrong. */
export function damaged(file: string, repo: string): AppError {
  return new AppError(
    'download-damaged',
    say`${file} of ${repo} differs from what its publisher says.`,
    say`A mirror, a proxy or a virus scanner may have changed it. Check Settings, and try again later.`,
  );
}

/** An answer that is JSON and still not what the Hub says. */
export function badAnswer(what: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    'hub-answer',
    say`${what} failed: ${reason}.`,
    say`Try again later. If you use a mirror, check it in Settings.`,
    { cause },
  );
}

/** What `read` makes of the Hub's JSON; where that has not the shape of the Hub's, the error says so. */
export async function readingAnswer<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TypeError) throw badAnswer(what, say`the answer is not one of the Hub`, error);
    throw error;
  }
}

export function offline(): AppError {
  return new AppError(
    'offline',
    say`Fettle is offline by your settings.`,
    say`Switch “Work offline” off in Settings, or use a model on this computer.`,
  );
}

/** The last cause of a failed fetch, which by itself says only "fetch failed". */
function reasonOf(error: unknown): string {
  let last = error;
  while (last instanceof Error && last.cause !== undefined) last = last.cause;
  const { code, message } = last as { code?: string; message?: string };
  const words = WORDS[code ?? ''];
  return words ? said(words) : (message ?? String(last));
}

export const WORDS: Readonly<Record<string, string>> = {
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

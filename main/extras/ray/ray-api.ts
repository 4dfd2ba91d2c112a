/**
 * Ray's REST: jobs, packages and logs. Through node:http(s), because Ray refuses what comes from a browser, and takes fetch() for one. The
 * token goes into the header alone.
 */
import http from 'node:http';
import https from 'node:https';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tls from 'node:tls';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { contentOf, receive, tooMuch } from '../../targets/files.ts';

/** Silence for so long means that the connection is dead. */
const SILENCE_MS = 60_000;

/** Bytes of an answer, and of one with a log, which is told as a whole each time: a training of days writes some ten million. */
const MOST_ANSWER = 4 * 2 ** 20;
const MOST_LOG = 64 * 2 ** 20;

/** What Ray tells of a job. */
export interface RayJob {
  readonly status: 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED';
  readonly message: string | null;
  readonly driver_node_id: string | null;
}

export interface Transfer {
  onBytes(done: number): void;
  readonly signal?: AbortSignal | undefined;
}

interface Call {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly json?: unknown;
  readonly body?: { readonly stream: Readable; readonly bytes: number };
  readonly signal?: AbortSignal | undefined;
  /** Whether what Ray can't do now, it can't do later either. */
  readonly isFinal?: boolean;
}

export class RayApi {
  readonly #name: string;
  readonly #base: URL;
  readonly #token: () => Promise<string | null>;

  /** `name`: what the target is called in errors. */
  constructor(name: string, address: string, token: () => Promise<string | null>) {
    this.#name = name;
    this.#base = new URL(address.endsWith('/') ? address : `${address}/`);
    this.#token = token;
  }

  async version(signal?: AbortSignal): Promise<string> {
    const found = await this.#json<{ ray_version?: string }>('api/version', { signal });
    if (!found?.ray_version) throw notRay(this.#name);
    return found.ray_version;
  }

  submit(body: object, signal?: AbortSignal): Promise<unknown> {
    return this.#json('api/jobs/', { method: 'POST', json: body, signal });
  }

  /** Null where Ray does not know it. */
  job(id: string, signal?: AbortSignal): Promise<RayJob | null> {
    return this.#json<RayJob>(`api/jobs/${id}`, { signal });
  }

  async logs(id: string, signal?: AbortSignal): Promise<Buffer> {
    const found = await this.#json<{ logs: string | null }>(`api/jobs/${id}/logs`, { signal }, MOST_LOG);
    return Buffer.from(found?.logs ?? '');
  }

  stop(id: string): Promise<unknown> {
    return this.#json(`api/jobs/${id}/stop`, { method: 'POST' });
  }

  forget(id: string): Promise<unknown> {
    return this.#json(`api/jobs/${id}`, { method: 'DELETE' });
  }

  /** Sends a package, unless Ray has it. */
  async put(
    name: string,
    { file, bytes }: { readonly file: string; readonly bytes: number },
    { onBytes, signal }: Transfer,
  ): Promise<void> {
    const path = `api/packages/gcs/${name}`;
    if ((await this.#json(path, { signal })) !== null) return;
    const stream = contentOf(file, onBytes);
    await this.#json(path, { method: 'PUT', body: { stream, bytes }, signal });
  }

  /** Writes a file of the session's logs on a computer of the cluster to `to`. */
  async file(
    node: string,
    name: string,
    to: string,
    { onBytes, signal, bytes }: Transfer & { readonly bytes: number },
  ): Promise<void> {
    const asked = { node_id: node, filename: name, lines: '-1', format: 'text', timeout: '86400' };
    // a file that is not there is an error of Ray's
    const call = { signal, isFinal: true };
    const answer = await this.#call(`api/v0/logs/file?${new URLSearchParams(asked)}`, call);
    const give = (into: Writable) => this.#reached(pipeline(answer!, into));
    if (answer) await receive(to, { onBytes, from: this.#name, most: bytes }, give);
  }

  /** Null for what is not there. */
  async #json<T>(path: string, call: Call, most = MOST_ANSWER): Promise<T | null> {
    const answer = await this.#call(path, call);
    if (answer === null) return null;
    const words = await this.#text(answer, most);
    if (words === '') return {} as T;
    try {
      return JSON.parse(words) as T;
    } catch {
      throw notRay(this.#name);
    }
  }

  async #call(
    path: string,
    { method = 'GET', json, body, signal, isFinal = method !== 'GET' }: Call,
  ): Promise<Readable | null> {
    signal?.throwIfAborted();
    const token = await this.#token();
    if (token !== null && !/^[\x21-\x7e]+$/.test(token)) throw refused(this.#name);
    const content = json === undefined ? null : Buffer.from(JSON.stringify(json));
    const bytes = content?.length ?? body?.bytes;
    const isSafe = this.#base.protocol === 'https:';
    const sent = (isSafe ? https : http).request(new URL(path, this.#base), {
      method,
      timeout: SILENCE_MS,
      // one that was kept open may have been closed there meanwhile
      agent: false,
      ...(isSafe && { ca: authorities() }),
      ...(signal && { signal }),
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(bytes !== undefined && { 'content-length': bytes }),
        ...(content && { 'content-type': 'application/json' }),
      },
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    const answered = new Promise<http.IncomingMessage>((resolve, reject) =>
      sent.once('response', resolve).once('error', reject),
    );
    // what breaks a body breaks its request, whose error says why
    if (body) pipeline(body.stream, sent).catch(() => {});
    else sent.end(content);
    const answer = await this.#reached(answered);
    const status = answer.statusCode ?? 0;
    if (status === 200) return answer;
    const words = (await this.#text(answer, MOST_ANSWER)).trim().split('\n').at(-1)!.slice(0, 300);
    if (status === 404 && method !== 'POST' && method !== 'PUT') return null;
    throw this.#failure(status, words, isFinal);
  }

  #failure(status: number, words: string, isFinal: boolean): AppError {
    if (status === 401 || status === 403) return refused(this.#name);
    // a computer of the cluster that is busy or gone may be back soon
    if ((!isFinal && status >= 500) || [502, 503, 504].includes(status)) return unreachable(this.#name);
    if (status < 500) return notRay(this.#name);
    return new AppError(
      'target-failed',
      say`A command on ${this.#name} failed: ${words}`,
      say`Test the target, and read what is missing.`,
    );
  }

  /** What an answer says, of at most so many bytes. */
  async #text(answer: Readable, most: number): Promise<string> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const take = async () => {
      for await (const piece of answer as AsyncIterable<Buffer>) {
        bytes += piece.length;
        // leaving the loop ends the connection
        if (bytes > most) throw tooMuch(this.#name);
        pieces.push(piece);
      }
    };
    await this.#reached(take());
    return Buffer.concat(pieces).toString();
  }

  /** Says what a broken connection means. */
  async #reached<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof AppError || (error as Error).name === 'AbortError') throw error;
      const { code = '' } = error as NodeJS.ErrnoException;
      if (/CERT|SIGNED|SIGNATURE/.test(code))
        throw new AppError(
          'target-certificate',
          say`The certificate of ${this.#name} isn’t trusted here.`,
          say`Have your system trust the authority that signed it, or use a tunnel of ssh.`,
          { cause: error },
        );
      throw unreachable(this.#name, error as Error);
    }
  }
}

/** Those that Node knows, and those that this system trusts. */
let trusted: string[] | undefined;
function authorities(): string[] {
  trusted ??= [...tls.rootCertificates, ...tls.getCACertificates('system')];
  return trusted;
}

function unreachable(name: string, cause?: Error): AppError {
  return new AppError(
    'target-unreachable',
    say`${name} can’t be reached.`,
    say`Check that it is switched on and that you are online.`,
    cause && { cause },
  );
}

function refused(name: string): AppError {
  return new AppError(
    'target-refused',
    say`${name} refuses its token.`,
    say`Add the target again, with the token that the cluster expects.`,
  );
}

function notRay(name: string): AppError {
  return new AppError(
    'target-failed',
    say`What answers at the address of ${name} isn’t Ray’s dashboard.`,
    say`Check the address. Ray’s usual port is 8265.`,
  );
}

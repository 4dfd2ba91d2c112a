/**
 * A model for other programs: OpenAI's and Ollama's APIs on this computer alone, computed by llama.cpp. Nothing is kept of what is asked.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError, reasonOf } from '../../../common/errors.ts';
import type { EndpointNews } from '../../../common/protocol/protocol.ts';
import { ENDPOINT } from '../../../common/settings/computing.ts';
import { say } from '../../../common/words/language.ts';
import { isCalledBy, isPageOf, ownNames } from '../../own-names.ts';
import { usualThreads } from '../../processes.ts';
import { encoderIn, rerankerIn } from '../load/find-encoders.ts';
import { tokenizerOf, withOpened } from '../load/open-model.ts';
import type { AnsweringModel } from './conversation.ts';
import { openReader } from './reader.ts';
import { routeOf, THERE_IS } from './routes.ts';
import { sortingVoice } from './sort.ts';
import type { Sorts } from './sorts.ts';
import { openSpeaker } from './speaker.ts';
import type { Voice } from './speech.ts';
import { jsonOf, OPENAI, Refusal, refusalOf, send } from './wire.ts';

export interface EndpointOptions {
  /** A GGUF file, or the folder of an encoder or of a sorter. */
  readonly file: string;
  /** What clients call the model. */
  readonly name: string;
  /** What clients send as their API key. */
  readonly key: string;
  /** 0: any free one. */
  readonly port: number;
  /** Pages that may ask from a browser, by their origins; no other page may. */
  readonly origins: readonly string[];
  readonly threads?: number;
  /** Tokens of a prompt and its answer together; no more than the model reads. */
  readonly contextSize: number;
  /** Answers at once, at most. */
  readonly atOnce?: number;
}

interface EndpointIo {
  emit(news: EndpointNews): void;
  readonly stop: AbortSignal;
}

const HERE = '127.0.0.1';
/** How long a client may take to send its request. */
const PATIENCE_MS = 20_000;
/** Answers that wait for a place; more are told to come again. */
const MOST_WAITING = 32;

/** What opens the sorter in a folder; null where there is none. */
type OpenSorter = (folder: string, threads: number) => Promise<Sorts | null>;

/** Serves until `stop`. Throws an AppError where the model does not open or the port cannot be used. */
export async function serveModel(
  options: EndpointOptions,
  { emit, stop }: EndpointIo,
  openSorter: OpenSorter = async () => null,
): Promise<void> {
  checkOrigins(options.origins);
  const voice = await voiceOf(options, openSorter);
  const { speaker } = voice;
  const desk = new Desk(options, voice, emit);
  const server = createServer(
    { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS },
    (request, response) => {
      void desk.answer(request, response);
    },
  );
  try {
    const failed = once(server, 'error').then(([error]) => Promise.reject(error));
    server.listen(options.port, HERE);
    await Promise.race([once(server, 'listening'), failed]);
    const { port } = server.address() as AddressInfo;
    desk.listensAt(port);
    emit({ listening: { address: `http://${HERE}:${port}/v1`, contextSize: speaker.contextSize } });
    const ended = wait(2 ** 31 - 1, null, { signal: stop }).catch(() => {});
    await Promise.race([ended, failed]);
  } catch (error) {
    throw cannotListen(error, options.port);
  } finally {
    server.close();
    server.closeAllConnections();
    await speaker.close();
  }
}

async function voiceOf(
  options: EndpointOptions,
  openSorter: OpenSorter,
): Promise<ConstructorParameters<typeof Desk>[1]> {
  const threads = options.threads ?? usualThreads();
  const found = await stat(options.file);
  if (found.isDirectory()) {
    const sorts = await openSorter(options.file, threads);
    if (sorts) return { ...sortingVoice(sorts), bytes: sorts.bytes, changed: found.mtime };
    return await openReader(options.file, threads);
  }
  if ((await encoderIn(options.file)) ?? (await rerankerIn(options.file)))
    return await openReader(options.file, threads);
  const tokenizer = await withOpened(options.file, tokenizerOf);
  const speaker = await openSpeaker({ ...options, threads });
  return { tokenizer, speaker, bytes: found.size, changed: found.mtime };
}

function cannotListen(cause: unknown, port: number): unknown {
  if ((cause as NodeJS.ErrnoException).syscall !== 'listen') return cause;
  return new AppError(
    'cannot-listen',
    say`Port ${port} can't be used${reasonOf(cause)}.`,
    say`Choose another port, or 0 for any free one.`,
    { cause },
  );
}

class Desk {
  readonly #options: EndpointOptions;
  readonly #emit: EndpointIo['emit'];
  readonly #answering: AnsweringModel;
  readonly #key: Buffer;
  #names: ReadonlySet<string> = new Set();
  #address = '';
  #asked = 0;

  constructor(
    options: EndpointOptions,
    voice: Voice & Pick<AnsweringModel, 'bytes' | 'changed'>,
    emit: EndpointIo['emit'],
  ) {
    [this.#options, this.#emit] = [options, emit];
    const created = Math.floor(Date.now() / 1000);
    this.#answering = {
      ...voice,
      name: options.name,
      created,
      inLine: (answers, work) => this.#inLine(answers, work),
    };
    this.#key = digest(options.key);
  }

  listensAt(port: number): void {
    this.#names = ownNames(HERE, port);
    this.#address = `http://${HERE}:${port}`;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const { url = '/' } = request;
    // two slashes at the start would be those of a host
    const { pathname } = URL.parse(url.startsWith('/') ? `http://host${url}` : url) ?? { pathname: '/' };
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    let tokens = 0;
    const route = routeOf(request.method, pathname, this.#options.name);
    const manner = route?.manner ?? OPENAI;
    try {
      this.#admit(request, response, route?.isOpen === true);
      if (request.method === 'OPTIONS') return void response.writeHead(204).end();
      if (route === null)
        throw new Refusal(404, 'not_found', `There is no ${request.method} ${pathname} here. ${THERE_IS}`);
      const { only } = this.#answering;
      if (only && route.method === 'POST' && !only.routes.includes(route.path)) throw only.refusal();
      const body = route.method === 'POST' ? await jsonOf(request) : {};
      tokens = await route.answer(this.#answering, body, { response, gone: gone.signal });
    } catch (error) {
      const known = gone.signal.aborted ? null : refusalOf(error);
      if (known && !response.headersSent) send(response, known.status, manner.body(known));
      else if (known) response.end(manner.inStream(known));
    } finally {
      if (!response.writableEnded) response.end();
      const seconds = (performance.now() - started) / 1000;
      const { method = '' } = request;
      this.#emit({ request: { method, path: pathname, status: response.statusCode, tokens, seconds } });
    }
  }

  /**
   * Lets in who has the key and asks this computer by its own name (a name that a stranger's page has pointed here is another); a page
   * only from one of the origins that were allowed.
   */
  #admit(request: IncomingMessage, response: ServerResponse, isOpen: boolean): void {
    const { headers, method } = request;
    if (!isCalledBy(this.#names, request))
      throw new Refusal(421, 'wrong_host', `This endpoint answers at ${this.#address} only.`);
    const { origin } = headers;
    if (origin !== undefined && !isPageOf(this.#names, headers)) {
      if (!this.#options.origins.some((one) => isAllowed(one, origin)))
        throw new Refusal(
          403,
          'origin_refused',
          `Pages of ${origin} may not use this model. Allow this origin where the model was started.`,
        );
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('vary', 'origin');
      if (method === 'OPTIONS') allowRequest(headers, response);
    }
    // a browser asks without the key whether it may ask
    if (method === 'OPTIONS' || isOpen) return;
    const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(digest(given), this.#key))
      throw new Refusal(
        401,
        'invalid_api_key',
        'The API key is missing or wrong. Use the one that was shown when the model was started.',
      );
  }

  /** One that waits too long for a place is told to come again. */
  async #inLine<Result>(answers: number, work: () => Promise<Result>): Promise<Result> {
    const { atOnce = ENDPOINT.atOnce } = this.#options;
    if (this.#asked + answers > atOnce + MOST_WAITING)
      throw new Refusal(429, 'busy', 'Too many requests are waiting. Try again soon.');
    this.#asked += answers;
    return work().finally(() => {
      this.#asked -= answers;
    });
  }
}

/** Whether `origin` is the one that is allowed, or has its scheme (`vscode-webview://*`), whose names nobody knows beforehand. */
function isAllowed(allowed: string, origin: string): boolean {
  return allowed === origin || (allowed.endsWith('://*') && origin.startsWith(allowed.slice(0, -1)));
}

/** Throws an AppError for origins that would let in every page of the web: any page can make itself one of the origin `null`. */
function checkOrigins(origins: readonly string[]): void {
  const open = origins.find((one) => /^(null|(https?:\/\/)?\*)$/i.test(one.trim()));
  if (open === undefined) return;
  throw new AppError(
    'bad-config',
    say`${open} would let every web page use the model.`,
    say`Name the pages, such as http://localhost:3000, or all of an editor: vscode-webview://*.`,
  );
}

/** Says what a page may send: the fields that it asks for, to a server of this computer. */
function allowRequest(headers: IncomingHttpHeaders, response: ServerResponse): void {
  const asked = headers['access-control-request-headers'] ?? 'authorization, content-type';
  response.setHeader('access-control-allow-headers', asked);
  response.setHeader('access-control-allow-methods', 'GET, POST');
  if (headers['access-control-request-private-network'] === 'true')
    response.setHeader('access-control-allow-private-network', 'true');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

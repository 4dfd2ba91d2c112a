/**
 * The web host's server: the built pages, and the API for those who have come by a link that was given out
 * here. It listens on this computer alone unless it is told otherwise.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, systemError } from '../../common/errors.ts';
import { isRecord, parsedJson } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import type { ApiRouter } from '../api/api.ts';
import { placeFor, unfinished } from '../app/uploads.ts';
import { freeDiskOf } from '../hardware/facts.ts';
import type { Log } from '../log.ts';
import { bestName, isLocal } from '../own-names.ts';
import { rename } from '../rename.ts';
import { answer, DOWNLOADS, Downloads, type FindDownload, page, refuse, sendFile } from './answers.ts';
import { addressOf, Guard, Sessions, serveSockets } from './guard.ts';

/** The port of the web host, so that its address stays the same; another one is taken where it is in use. */
const USUAL_PORT = 4886;
const HERE = '127.0.0.1';
const TOKEN_BYTES = 1024;
/** How long a connection may keep the host waiting: for a head, for the rest of a request, for the next bytes of an upload. */
const PATIENCE_MS = 20_000;

export interface ServeOptions {
  readonly router: ApiRouter;
  readonly log: Log;
  /** The folder with the built pages. */
  readonly renderer: string;
  /** The folder that uploaded files go to, now. */
  readonly uploads: () => string;
  readonly download: FindDownload;
  /** 0: any free one. Without it the usual one, or any where that is in use. */
  readonly port?: number | undefined;
  /** The address to listen at; without it only this computer can connect. */
  readonly host?: string | undefined;
  readonly now?: () => number;
  readonly freeBytes?: UploadOptions['freeBytes'];
  readonly beatMs?: number;
  readonly patienceMs?: number;
}

export type WebServer = Awaited<ReturnType<typeof serve>>;

/** Starts the server. Throws an AppError where it cannot listen. */
export async function serve(options: ServeOptions) {
  const { host = HERE, now, router, log, beatMs, patienceMs = PATIENCE_MS } = options;
  const sessions = new Sessions(now);
  // an upload may take long, so Node is not to limit requests: `late` does that
  const timeouts = { headersTimeout: patienceMs, requestTimeout: 0 };
  const server = createServer({ ...timeouts, connectionsCheckingInterval: patienceMs / 4 });
  const port = await listen(server, options.port, host);
  const guard = new Guard(port, host, sessions);
  const downloads = new Downloads(options.download, now);
  server.on('request', (request, response) => {
    const late = setTimeout(() => request.complete || request.destroy(), patienceMs).unref();
    route(request, response, { ...options, guard, sessions, downloads, late, patienceMs }).catch(
      (error: unknown) => fail(response, error, log),
    );
  });
  const sockets = serveSockets(server, { router, guard, log, ...(beatMs !== undefined && { beatMs }) });
  const address = `http://${bestName(host)}:${port}/`;
  return {
    address,
    port,
    /** Whether other computers can reach it. */
    isOpenToOthers: !isLocal(host),
    /** A new link that lets one browser in; valid once, for ten minutes. */
    link: () => `${address}#token=${sessions.issue()}`,
    close: () => close(server, sockets),
  };
}

interface Routing extends ServeOptions {
  readonly guard: Guard;
  readonly sessions: Sessions;
  readonly downloads: Downloads;
  /** Ends a request that does not come to its end. */
  readonly late: NodeJS.Timeout;
  readonly patienceMs: number;
}

/** Where a page may post to. */
const POSTS: readonly string[] = ['/session', '/upload', '/download'];

async function route(request: IncomingMessage, response: ServerResponse, options: Routing): Promise<void> {
  const { guard, renderer, downloads } = options;
  if (!guard.isForUs(request))
    return page(
      response,
      421,
      'Wrong address',
      'Fettle does not answer to this name. Use the address that it printed.',
    );
  const { pathname, searchParams } = addressOf(request);
  if (request.method === 'GET' || request.method === 'HEAD')
    return pathname.startsWith(DOWNLOADS) && guard.hasCookie(request)
      ? downloads.send(request, response, pathname)
      : sendFile(renderer, pathname, request, response);
  if (request.method !== 'POST' || !POSTS.includes(pathname))
    return refuse(response, 405, 'not-allowed', 'There is nothing to do here.', '');
  if (!guard.isPostFromUs(request))
    return refuse(
      response,
      403,
      'forbidden',
      'This came from a page of another origin.',
      'Use Fettle’s own page.',
    );
  if (pathname === '/session') return admit(request, response, options);
  if (!guard.hasSession(request))
    return refuse(
      response,
      401,
      'no-session',
      'This browser is not connected.',
      'Open a new link from the terminal.',
    );
  if (pathname === '/download') return downloads.offer(response, searchParams);
  const { freeBytes, late, patienceMs } = options;
  clearTimeout(late);
  request.setTimeout(patienceMs, () => request.destroy());
  const upload = { uploads: options.uploads(), ...(freeBytes && { freeBytes }) };
  return receiveFile(request, response, searchParams.get('name'), upload);
}

/** Exchanges a token for a session. */
async function admit(
  request: IncomingMessage,
  response: ServerResponse,
  { guard, sessions }: Routing,
): Promise<void> {
  const token = tokenIn(await bodyOf(request, TOKEN_BYTES));
  const session = token === null ? null : sessions.redeem(token, guard.cookiesIn(request.headers));
  if (session !== null)
    return answer(response, 200, { key: session.key }, { 'set-cookie': guard.cookieFor(session) });
  refuse(
    response,
    401,
    'token-invalid',
    'This link has expired.',
    'Press Enter in the terminal for a new one.',
  );
}

function tokenIn(body: string | null): string | null {
  const found = parsedJson(body ?? '');
  return isRecord(found) && typeof found.token === 'string' ? found.token : null;
}

/** The body as text; null for one of more than `most` bytes. */
async function bodyOf(request: IncomingMessage, most: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function fail(response: ServerResponse, thrown: unknown, log: Log): void {
  const error = systemError(thrown);
  // a browser that goes away in the middle of an answer is no failure
  if (response.destroyed || (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return;
  if (error instanceof AppError && !response.headersSent) {
    const { code, message, hint } = error;
    refuse(response, 422, code, message, hint);
    return;
  }
  const reference = log.failure('the web host', error);
  if (response.headersSent) response.destroy();
  else refuse(response, 500, 'internal', say`Something in Fettle went wrong (reference ${reference}).`, '');
}

/** Listens and gives the port. The usual one is taken where it is free, and nothing is said where it is not. */
async function listen(server: Server, port: number | undefined, host: string): Promise<number> {
  try {
    return await listenAt(server, port ?? USUAL_PORT, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && port === undefined) return listenAt(server, 0, host);
    throw cannotListen(error as NodeJS.ErrnoException, port ?? USUAL_PORT, host);
  }
}

async function listenAt(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function cannotListen(cause: NodeJS.ErrnoException, port: number, host: string): AppError {
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'Another program uses it: choose another one with --port, or --port 0 for any free one.',
    EACCES: 'Ports below 1024 belong to the system: choose a higher one with --port.',
    EADDRNOTAVAIL: 'This computer has no such address: leave --host out, or name one that it has.',
    ENOTFOUND: 'This name is not known: leave --host out, or name an address of this computer.',
  };
  const message = `Port ${port} of ${host} cannot be used: ${cause.message}.`;
  const hint = hints[cause.code ?? ''] ?? 'Choose another --port or --host.';
  return new AppError('cannot-listen', message, hint, { cause });
}

async function close(server: Server, sockets: { close(): void }): Promise<void> {
  sockets.close();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** So much room is left on the disk for what the computer does besides. */
const SPARE_BYTES = 1e9;

interface UploadOptions {
  /** The folder that files go to. */
  readonly uploads: string;
  /** Free bytes on the disk of a folder; null where that is not known. */
  readonly freeBytes?: (folder: string) => Promise<number | null>;
}

class TooLarge extends Error {}

/** Writes the body of `request` to a new file called `name`, and answers with its path. */
async function receiveFile(
  request: IncomingMessage,
  response: ServerResponse,
  name: string | null,
  { uploads, freeBytes = freeDiskOf }: UploadOptions,
): Promise<void> {
  if (!name) return refuse(response, 400, 'no-name', say`The file has no name.`, say`Choose it again.`);
  await mkdir(uploads, { recursive: true });
  const free = await freeBytes(uploads);
  const limit = free === null ? Number.POSITIVE_INFINITY : Math.max(0, free - SPARE_BYTES);
  if (Number(request.headers['content-length'] ?? 0) > limit) return refuseLarge(request, response, limit);
  const file = await placeFor(uploads, name);
  try {
    const temporary = unfinished(file);
    await pipeline(
      request,
      atMost(limit),
      createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true }),
    );
    await rename(temporary, file);
  } catch (error) {
    await rm(path.dirname(file), { recursive: true, force: true });
    if (error instanceof TooLarge) return refuseLarge(request, response, limit);
    // the browser has gone away: there is nobody to answer to
    if (request.destroyed && !request.complete) return;
    throw error;
  }
  answer(response, 200, { path: file });
}

/** Lets bytes pass until they are more than `limit`. */
function atMost(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limit) done(new TooLarge());
      else done(null, chunk);
    },
  });
}

function refuseLarge(request: IncomingMessage, response: ServerResponse, limit: number): void {
  const room = limit >= 1e6 ? `${Math.floor(limit / 1e6)} MB` : 'nothing';
  const message = say`The file is too large for the data folder's disk: at most ${room} fit.`;
  refuse(
    response,
    413,
    'disk-full',
    message,
    say`Free some space, or move the data folder to another disk.`,
    {
      connection: 'close',
    },
  );
  // the rest of the body is not wanted, and would hold the connection
  response.once('finish', () => request.destroy());
}

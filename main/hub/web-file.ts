/**
 * A table at an address that a person gives: fetched once, with limits on size and kind, over https alone. Redirects are followed by hand,
 * so that each address is checked as the first one is.
 */

import { lookup as systemLookup } from 'node:dns/promises';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, systemError } from '../../common/errors.ts';
import { bytes as inBytes } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { rename } from '../rename.ts';
import { isSafeAddress, next, openDispatchers, TUNING } from './connection.ts';
import { offline, statusError, unreachable } from './hub-errors.ts';

/**
 * Which addresses may be asked on behalf of a page. The web host may run on a server: a page must not reach through it what only that
 * server can see (itself, its network, the cloud's metadata), so names are looked up here and only public addresses are connected to.
 */

type Lookup = (name: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** IPv4 that leads nowhere public: this computer, private and shared networks, tests, multicast, reserved. */
const CLOSED_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;
/** Of IPv6 only 2000::/3 is public, and in it not what carries IPv4 or is for documents. */
const CLOSED_6 = [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const;

const closed = new BlockList();
for (const [net, bits] of CLOSED_4) closed.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of CLOSED_6) closed.addSubnet(net, bits, 'ipv6');
const open6 = new BlockList();
open6.addSubnet('2000::', 3, 'ipv6');

/** Whether anybody on the internet could ask the same address. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, 'ipv4');
  return family === 6 && open6.check(address, 'ipv6') && !closed.check(address, 'ipv6');
}

export const lookUp: Lookup = (name) => systemLookup(name, { all: true, verbatim: true });

/** Throws where the host of `url` is not public, now: what is connected to is checked again. Unknown names are the proxy's matter. */
async function requirePublic(url: URL, lookup: Lookup = lookUp): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) ? [{ address: host }] : await lookup(host).catch(() => []);
  if (!found.every(({ address }) => isPublic(address))) throw notPublic(url);
}

/** For connections: only the public addresses of a name. */
function publicLookup(lookup: Lookup = lookUp): LookupFunction {
  return (name, { all }, done) => {
    lookup(name).then(
      (found) => {
        const usable = found.filter(({ address }) => isPublic(address));
        const [first] = usable;
        if (first === undefined)
          done(Object.assign(new Error(`no public address`), { code: 'ENOTFOUND' }), '', 0);
        else if (all) done(null, [...usable]);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    );
  };
}

function notPublic({ host }: URL): AppError {
  return new AppError(
    'address-not-public',
    say`${host} is in a private network.`,
    say`In the browser, Fettle opens public addresses only. Download the file yourself and drop it here.`,
  );
}

export interface WebFileOptions {
  readonly offline: boolean;
  readonly proxy: string | null;
  /** Whether addresses of this computer and its network may be asked: the person sits at it. */
  readonly mayBePrivate: boolean;
  /** A path for a file of that name. */
  readonly place: (name: string) => Promise<string>;
  readonly onProgress: (bytes: number, totalBytes: number | null) => void;
  readonly signal: AbortSignal;
  /** For tests. */
  readonly lookup?: Lookup;
  readonly fetch?: typeof fetch;
  readonly mostBytes?: number;
}

const MOST_BYTES = 2e9;
const MOST_REDIRECTS = 6;
const ENDINGS = /\.(csv|tsv|jsonl|ndjson|json|parquet|xlsx|txt|md)(\.gz)?$/i;
/** The ending of a file whose name has none. */
const TYPES: Readonly<Record<string, string>> = {
  'text/csv': '.csv',
  'application/csv': '.csv',
  'text/tab-separated-values': '.tsv',
  'application/json': '.json',
  'application/x-ndjson': '.jsonl',
  'application/jsonl': '.jsonl',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': '.xlsx',
  'application/vnd.apache.parquet': '.parquet',
  'text/plain': '.txt',
};

/** Pages of a file, and where the file itself is. */
const PAGES: readonly (readonly [page: RegExp, file: string])[] = [
  [
    /^https:\/\/docs\.google\.com\/spreadsheets\/d\/([\w-]+)(?:\/[^#?]*)?(?:[?#](?:.*&)?gid=(\d+).*|.*)?$/,
    'https://docs.google.com/spreadsheets/d/$1/export?format=csv&gid=$2',
  ],
  [/^https:\/\/github\.com\/([^/]+\/[^/]+)\/(?:blob|raw)\/(.+)$/, 'https://raw.githubusercontent.com/$1/$2'],
  [/^(https:\/\/huggingface\.co\/.+)\/blob\/(.+)$/, '$1/resolve/$2'],
];

/** The address that was meant. Throws for what is none, is not encrypted, or holds a password. */
export function meantAddress(given: string, mayBePrivate: boolean): URL {
  const trimmed = given.trim();
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  const page = PAGES.find(([pattern]) => pattern.test(full));
  const text = page ? full.replace(...page).replace(/&gid=$/, '') : full;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWhole = url !== null && /^https?:$/.test(url.protocol) && url.hostname.includes('.');
  if (!url || (!isWhole && !(mayBePrivate && isSafeAddress(url))))
    throw new AppError('bad-address', say`This is no web address.`, say`It begins with https://`);
  if (!isSafeAddress(url) || (url.protocol === 'http:' && !mayBePrivate))
    throw new AppError(
      'address-not-safe',
      say`This address is not encrypted, so its content could be changed on the way.`,
      say`Use an address that begins with https://`,
    );
  if (url.username || url.password)
    throw new AppError(
      'address-password',
      say`This address holds a name or a password.`,
      say`Download the file yourself and drop it here.`,
    );
  return url;
}

/** Fetches the file at `given` and gives its path here. */
export async function fetchWebFile(given: string, options: WebFileOptions): Promise<string> {
  if (options.offline) throw offline();
  const url = meantAddress(given, options.mayBePrivate);
  const dispatchers = openDispatchers(
    TUNING,
    options.mayBePrivate ? undefined : publicLookup(options.lookup),
  );
  try {
    const { response, at } = await follow(url, options, dispatchers);
    await refuse(response, url, at);
    return await save(response, nameOf([at, url], response.headers), options);
  } catch (error) {
    if (options.signal.aborted || error instanceof AppError) throw error;
    throw unreachable(say`Downloading from ${url.host}`, error, options.proxy);
  } finally {
    await dispatchers.close();
  }
}

async function follow(
  first: URL,
  { proxy, mayBePrivate, lookup, fetch, signal }: WebFileOptions,
  dispatchers: ReturnType<typeof openDispatchers>,
): Promise<{ readonly response: Response; readonly at: URL }> {
  let url = first;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    if (!mayBePrivate) await requirePublic(url, lookup);
    const init = { headers: { 'user-agent': 'fettle' }, redirect: 'manual' as const, signal };
    const response = fetch ? await fetch(url.href, init) : await dispatchers.fetch(url, init, proxy);
    const target = response.headers.get('location');
    if (response.status < 301 || response.status > 308 || !target) return { response, at: url };
    await response.body?.cancel();
    url = next(url, target);
  }
  throw new AppError(
    'bad-address',
    say`${first.host} sends from one address to the next.`,
    say`Use another address.`,
  );
}

/** Throws where the answer is no file: with what a person can do about it. */
async function refuse(response: Response, { host }: URL, at: URL): Promise<void> {
  const { ok, status } = response;
  if (ok && typeOf(response.headers) !== 'text/html') return;
  await response.body?.cancel();
  if (status === 404 || status === 410)
    throw new AppError('address-not-found', say`There is no file at this address.`, say`Check the address.`);
  if (status === 401 || status === 403 || /^(accounts|login|signin)\./.test(at.hostname))
    throw new AppError('address-closed', say`${host} does not let anybody read this file.`, openIt());
  if (ok) throw new AppError('address-is-page', say`This address shows a web page, not a file.`, openIt());
  const asked = { what: say`Downloading from ${host}`, repo: null, hasToken: false, mirror: null };
  throw statusError(response, asked);
}

function openIt(): string {
  return say`Share it with anyone who has the link, or download the file and drop it here.`;
}

const typeOf = (headers: Headers) => (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();

/** A name with an ending that says what the file is. */
function nameOf(urls: readonly URL[], headers: Headers): string {
  const said = /filename\*?=(?:UTF-8'')?"?([^";]+)"?/i.exec(headers.get('content-disposition') ?? '')?.[1];
  const last = urls.map(({ pathname }) => pathname.split('/').findLast(Boolean));
  const names = [said, ...last].flatMap((name) => (name === undefined ? [] : [decoded(name)]));
  const named = names.find((name) => ENDINGS.test(name));
  if (named !== undefined) return named;
  const ending = TYPES[typeOf(headers)];
  if (ending !== undefined) return `${names[0] ?? 'data'}${ending}`;
  throw new AppError(
    'address-kind',
    say`Fettle can't tell what kind of file this is.`,
    say`It reads CSV, JSON, Excel, Parquet and plain text.`,
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function save(response: Response, name: string, options: WebFileOptions): Promise<string> {
  const { place, onProgress, signal, mostBytes = MOST_BYTES } = options;
  const said = Number(response.headers.get('content-length') ?? Number.NaN);
  // of a packed answer the length is another one than what arrives
  const total = response.headers.has('content-encoding') || Number.isNaN(said) ? null : said;
  const tooLarge = () =>
    new AppError(
      'address-too-large',
      say`This file has more than ${inBytes(mostBytes)}.`,
      say`Download it yourself and drop it here, or use a part of it.`,
    );
  if (total !== null && total > mostBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const file = await place(name);
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onProgress(bytes, total);
      if (bytes > mostBytes) done(tooLarge());
      else done(null, chunk);
    },
  });
  try {
    const part = `${file}.part`;
    const target = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(response.body ?? [], counted, target, { signal });
    await rename(part, file);
    return file;
  } catch (error) {
    await rm(path.dirname(file), { recursive: true, force: true });
    throw systemError(error, file);
  }
}

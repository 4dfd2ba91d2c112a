/**
 * A Hugging Face Hub on this computer, for tests: the API and the pages' files at one port, large files at another as the Hub's
 * content network does, and every way to fail that the network has. Written after the Hub's documented behaviour.
 */
import { createHash } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedModel {
  /** `datasets/owner/name` for a data set. */
  readonly repo: string;
  readonly files: Readonly<Record<string, Buffer>>;
  /** Files that are kept as LFS objects, and come from the other host. */
  readonly large?: readonly string[];
  /** Needs this token. */
  readonly gatedBy?: string;
  readonly licence?: string;
  /** Names in the list of files that are not what they should be. */
  readonly listed?: Readonly<Record<string, string>>;
  readonly info?: Readonly<Record<string, unknown>>;
  /** First rows of a data set, as the Hub's viewer has them. */
  readonly viewed?: readonly Readonly<Record<string, unknown>>[];
}

export interface Asked {
  readonly host: 'hub' | 'cdn';
  readonly path: string;
  readonly file: string | null;
  readonly range: readonly [number, number] | null;
  readonly headers: http.IncomingHttpHeaders;
}

/** What goes wrong with a request. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly cutAfter: number }
  | { readonly change: (bytes: Buffer) => Buffer }
  | { readonly hangAfter: number }
  | { readonly ignoreRange: true };

export interface HubServer {
  /** Its address, and what it calls itself in its answers. */
  url: string;
  readonly cdnUrl: string;
  readonly asked: Asked[];
  models: readonly ServedModel[];
  /** Asked for every request; null lets it pass. */
  fault: (asked: Asked) => Fault | null;
  /** Cuts the connections that hang. */
  cutHanging(): void;
  close(): Promise<void>;
}

const hanging = new Set<ServerResponse>();

/** The state in which a served model is. */
export function commitOf({ repo, files }: ServedModel): string {
  const hash = createHash('sha1').update(repo);
  for (const [name, bytes] of Object.entries(files)) hash.update(name).update(bytes);
  return hash.digest('hex');
}

/** Starts it with `models`; `pageSize` cuts the list of files into pages. */
export async function startHubServer(models: readonly ServedModel[], pageSize = 1000): Promise<HubServer> {
  const close: (() => Promise<void>)[] = [];
  const cdnUrl = await listen(close, (request, response) => answer(request, response, 'cdn'));
  const url = await listen(close, (request, response) => answer(request, response, 'hub'));
  const server: HubServer = {
    ...{ url, cdnUrl, models, asked: [], fault: () => null },
    cutHanging() {
      for (const response of hanging) response.destroy();
      hanging.clear();
    },
    close: async () => void (await Promise.all(close.map((each) => each()))),
  };

  function answer(request: IncomingMessage, response: ServerResponse, host: Asked['host']): ServerResponse {
    const asked = read(request, host);
    server.asked.push(asked);
    const fault = server.fault(asked);
    if (fault && 'status' in fault) return end(response, fault.status, '', fault.headers);
    const { pathname, searchParams } = new URL(asked.path, url);
    if (host === 'cdn') return sendLarge(server, asked, response, fault);
    if (pathname.startsWith('/viewer/')) return sendRows(server, response, pathname, searchParams);
    if (pathname === '/api/models' || pathname === '/api/datasets')
      return sendJson(response, search(server, searchParams, pathname.endsWith('datasets')));
    const info = /^\/api\/(?:models\/)?(.+)\/revision\/([^/]+)$/.exec(pathname);
    if (info) return sendInfo(server, response, info[1]!, decodeURIComponent(info[2]!));
    const tree = /^\/api\/(?:models\/)?(.+)\/tree\/[0-9a-f]{40}(?:\/(.+))?$/.exec(pathname);
    if (tree)
      return sendTree(server, response, { repo: tree[1]!, folder: tree[2] ?? '' }, searchParams, pageSize);
    return sendFile(server, asked, response, fault);
  }
  return server;
}

async function listen(close: (() => Promise<void>)[], onRequest: http.RequestListener): Promise<string> {
  const server = http.createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function read(request: IncomingMessage, host: Asked['host']): Asked {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const path = request.url ?? '/';
  const file = /\/(?:resolve\/[0-9a-f]{40}|lfs\/[0-9a-f]{64})\/([^?]+)/.exec(path);
  return {
    ...{ host, path, headers: request.headers },
    file: file && decodeURIComponent(file[1]!),
    range: range && [Number(range[1]), Number(range[2])],
  };
}

function modelOf(server: HubServer, repo: string): ServedModel | undefined {
  return server.models.find((model) => model.repo === repo);
}

function sendInfo(
  server: HubServer,
  response: ServerResponse,
  repo: string,
  revision: string,
): ServerResponse {
  const model = modelOf(server, repo);
  if (!model)
    return end(response, 401, '{"error":"Invalid username or password."}', {
      'x-error-code': 'RepoNotFound',
    });
  if (!['HEAD', 'main', commitOf(model)].includes(revision))
    return end(response, 404, '{"error":"Invalid rev id"}', { 'x-error-code': 'RevisionNotFound' });
  return sendJson(response, infoOf(model));
}

function infoOf(model: ServedModel): Record<string, unknown> {
  const config = model.files['config.json'];
  return {
    ...{
      _id: commitOf(model).slice(0, 24),
      id: model.repo.replace(DATA, ''),
      sha: commitOf(model),
      private: false,
    },
    gated: model.gatedBy ? 'auto' : false,
    ...{ downloads: 7, likes: 3, lastModified: '2024-11-02T10:00:00.000Z', pipeline_tag: 'text-generation' },
    ...(config && { config: JSON.parse(config.toString('utf8')) }),
    ...(model.licence && { cardData: { license: model.licence }, tags: [`license:${model.licence}`] }),
    siblings: Object.keys(model.files).map((rfilename) => ({ rfilename })),
    ...model.info,
  };
}

function search(server: HubServer, asked: URLSearchParams, isData: boolean): unknown[] {
  const query = asked.get('search')?.toLowerCase() ?? '';
  return server.models
    .filter(({ repo }) => repo.startsWith(DATA) === isData && repo.toLowerCase().includes(query))
    .map(infoOf);
}

const DATA = 'datasets/';

/** The viewer of data sets, for those that have `viewed`. */
function sendRows(server: HubServer, response: ServerResponse, path: string, asked: URLSearchParams) {
  const rows = modelOf(server, DATA + asked.get('dataset'))?.viewed;
  if (!rows) return end(response, 404, '');
  if (path.endsWith('/splits'))
    return sendJson(response, { splits: [{ config: 'default', split: 'train' }] });
  const features = Object.keys(rows[0] ?? {}).map((name) => ({ name }));
  return sendJson(response, { features, rows: rows.map((row) => ({ row })) });
}

function sendTree(
  server: HubServer,
  response: ServerResponse,
  { repo, folder }: { readonly repo: string; readonly folder: string },
  asked: URLSearchParams,
  pageSize: number,
): ServerResponse {
  const model = modelOf(server, repo);
  if (!model) return end(response, 404, '', { 'x-error-code': 'RepoNotFound' });
  const folderOf = (name: string) => name.split('/').slice(0, -1).join('/');
  const isWhole = asked.get('recursive') === 'true';
  const files = Object.entries(model.files)
    .filter(([name]) => isWhole || folderOf(name) === folder)
    .map(([name, bytes]) => entryOf(model, name, bytes));
  const folders =
    folder === '' && !isWhole ? new Set(Object.keys(model.files).map(folderOf).filter(Boolean)) : [];
  const entries = [
    ...files,
    ...[...folders].map((path) => ({ type: 'directory', oid: '2'.repeat(40), size: 0, path })),
  ];
  const from = Number(asked.get('cursor') ?? 0);
  const to = from + pageSize;
  // the real one gives its own address, also where a mirror hands the answer on
  const next = `<${server.url}/api/${repo.startsWith('datasets/') ? '' : 'models/'}${repo}/tree/${commitOf(model)}?recursive=false&cursor=${to}>; rel="next"`;
  return sendJson(response, entries.slice(from, to), to < entries.length ? { link: next } : {});
}

function entryOf(model: ServedModel, name: string, bytes: Buffer): Record<string, unknown> {
  const path = model.listed?.[name] ?? name;
  const pointer = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const lfs = { oid: sha256(bytes), size: bytes.length, pointerSize: 134 };
  const isLarge = model.large?.includes(name);
  return {
    type: 'file',
    oid: isLarge ? '1'.repeat(40) : pointer,
    size: bytes.length,
    path,
    ...(isLarge && { lfs }),
  };
}

function sendFile(
  server: HubServer,
  asked: Asked,
  response: ServerResponse,
  fault: Fault | null,
): ServerResponse {
  const [, repo = '', revision, name = ''] =
    /^\/(.+)\/resolve\/([0-9a-f]{40})\/([^?]+)$/.exec(asked.path) ?? [];
  const model = modelOf(server, repo);
  const bytes = model?.files[decodeURIComponent(name)];
  if (!model || !bytes || revision !== commitOf(model))
    return end(response, 404, '', { 'x-error-code': 'EntryNotFound' });
  if (model.gatedBy && asked.headers.authorization !== `Bearer ${model.gatedBy}`)
    return end(response, asked.headers.authorization ? 403 : 401, '', { 'x-error-code': 'GatedRepo' });
  if (!model.large?.includes(decodeURIComponent(name))) return sendBytes(asked, response, bytes, fault);
  const hash = sha256(bytes);
  const location = `${server.cdnUrl}/lfs/${hash}/${name}?X-Amz-Signature=abc`;
  return end(response, 302, '', {
    location,
    'x-linked-etag': `"${hash}"`,
    'x-linked-size': String(bytes.length),
  });
}

function sendLarge(
  server: HubServer,
  asked: Asked,
  response: ServerResponse,
  fault: Fault | null,
): ServerResponse {
  const hash = /\/lfs\/([0-9a-f]{64})\//.exec(asked.path)?.[1];
  const all = server.models.flatMap(({ files }) => Object.values(files));
  const bytes = all.find((each) => sha256(each) === hash);
  if (!bytes) return end(response, 404, '');
  return sendBytes(asked, response, bytes, fault);
}

function sendBytes(
  { range }: Asked,
  response: ServerResponse,
  whole: Buffer,
  fault: Fault | null,
): ServerResponse {
  const served = fault && 'change' in fault ? fault.change(whole) : whole;
  const isPart = range !== null && !(fault && 'ignoreRange' in fault);
  const body = isPart ? served.subarray(range[0], range[1] + 1) : served;
  response.writeHead(isPart ? 206 : 200, {
    'content-length': body.length,
    etag: `"${sha256(whole)}"`,
    ...(isPart && { 'content-range': `bytes ${range[0]}-${range[0] + body.length - 1}/${whole.length}` }),
  });
  if (fault && 'cutAfter' in fault) {
    response.write(body.subarray(0, fault.cutAfter), () => setImmediate(() => response.destroy()));
    return response;
  }
  if (fault && 'hangAfter' in fault) {
    hanging.add(response);
    response.write(body.subarray(0, fault.hangAfter));
    return response;
  }
  return response.end(body);
}

function sendJson(
  response: ServerResponse,
  json: unknown,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  return end(response, 200, JSON.stringify(json), { 'content-type': 'application/json', ...headers });
}

function end(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  return response.writeHead(status, headers).end(body);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A tiny pack on a server of this computer: wheels of some kilobytes, and the ways in which a download goes wrong. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { zipSync } from 'fflate';
import { DEFAULT_SETTINGS } from '../../common/settings/app.ts';
import { Connection, TUNING, type Tuning } from '../../main/hub/connection.ts';
import { type InstallOptions, installPack } from '../../main/packs/install.ts';
import type { Pack } from '../../main/packs/pack.ts';

/** Small and impatient. */
export const QUICK_PACK: Tuning = {
  ...TUNING,
  ...{
    rangeBytes: 16 * 1024,
    rangesAtOnce: 2,
    tries: 2,
    backOffMs: 1,
    recordMs: 5,
    reportMs: 1,
    spareBytes: 0,
  },
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Bytes that do not get smaller, the same for the same seed. */
function noise(bytes: number, seed: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** What lies in the two wheels: by the path in the wheel, contents, and the name in the pack for those that are wanted. */
const WHEELS = [
  {
    file: 'runtime-1.0-py3-none-linux.whl',
    files: {
      'onnx/libprovider.so': [noise(90_000, 1), 'libprovider.so'],
      'onnx/other.so': [noise(30_000, 2), null],
      'onnx/LICENSE': [new TextEncoder().encode('MIT\n'), 'runtime.LICENSE'],
    },
  },
  {
    file: 'blas-2.0-py3-none-linux.whl',
    files: {
      // compresses well, so that one piece of the archive becomes many of the library
      'nvidia/lib/libblas.so.13': [new Uint8Array(700_000).fill(7), 'libblas.so.13'],
      'nvidia/lib/libbig.so': [noise(60_000, 3), 'libbig.so'],
    },
  },
] as const;

export interface PackServer {
  readonly url: string;
  readonly manifest: Pack;
  /** Ranges that were asked for, in bytes, by file. */
  readonly asked: { readonly file: string; readonly from: number; readonly to: number }[];
  /** Looked at before each answer: what happens to it. */
  fault: (file: string, count: number) => 'hang' | 'missing' | 'change' | null;
  close(): Promise<void>;
}

/** Serves the tiny pack. */
export async function startPackServer(): Promise<PackServer> {
  const contents = new Map<string, Buffer>(
    WHEELS.map(({ file, files }) => [
      file,
      Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, [bytes]]) => [name, bytes])))),
    ]),
  );
  const hanging = new Set<ServerResponse>();
  let count = 0;
  const web = http.createServer((request, response) => {
    const file = (request.url ?? '').slice(1);
    const whole = contents.get(file);
    const fault = server.fault(file, ++count);
    if (!whole || fault === 'missing') return void response.writeHead(404).end();
    const [, from = '0', to = String(whole.length - 1)] =
      /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    server.asked.push({ file, from: Number(from), to: Number(to) });
    const served = fault === 'change' ? Buffer.from(whole.map((byte) => byte ^ 1)) : whole;
    const body = served.subarray(Number(from), Number(to) + 1);
    response.writeHead(request.headers.range ? 206 : 200, {
      'content-length': body.length,
      ...(request.headers.range && { 'content-range': `bytes ${from}-${to}/${whole.length}` }),
    });
    if (fault !== 'hang') return void response.end(body);
    hanging.add(response);
    response.write(body.subarray(0, 1000));
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const server: PackServer = {
    ...{ url, asked: [], fault: () => null },
    manifest: manifestOf(url, contents),
    async close() {
      for (const response of hanging) response.destroy();
      web.closeAllConnections();
      await new Promise((resolve) => web.close(resolve));
    },
  };
  return server;
}

function manifestOf(url: string, contents: ReadonlyMap<string, Buffer>): Pack {
  const archives = WHEELS.map(({ file, files }) => ({
    ...{
      package: file.split('-')[0]!,
      version: '1.0',
      licence: { name: 'MIT', url: 'https://example.org/mit' },
    },
    ...{
      file,
      url: `${url}/${file}`,
      bytes: contents.get(file)!.length,
      sha256: sha256(contents.get(file)!),
    },
    members: Object.entries(files).flatMap(([name, [bytes, inPack]]) =>
      inPack === null ? [] : [{ path: name, file: inPack, bytes: bytes.length, sha256: sha256(bytes) }],
    ),
  }));
  return { name: 'ggml', release: '1.30.0', contents: 'ggml 1.30.0', archives };
}

/** A folder of its own for packs. */
export const packsHere = () => fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-packs-'));

/** Installs the served pack into `packs`; what is given replaces the usual. */
export async function installServed(
  pack: Pack,
  packs: string,
  more: Partial<InstallOptions> = {},
): Promise<string> {
  const connection = new Connection({
    settings: { get: () => DEFAULT_SETTINGS, set: () => DEFAULT_SETTINGS },
    secrets: { get: async () => null, set: async () => {} },
    tuning: QUICK_PACK,
  });
  try {
    return await installPack({
      ...{ pack, packs, connection, tuning: QUICK_PACK },
      ...{ freeBytes: async () => 1e9, signal: new AbortController().signal, onProgress: () => {} },
      ...more,
    });
  } finally {
    await connection.close();
  }
}

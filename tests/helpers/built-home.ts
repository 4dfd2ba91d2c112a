/**
 * A freshly built Fettle in a folder of its own, so that tests of what ships neither depend on an old dist/ nor replace the one that
 * somebody uses. The pages are taken from dist/ where they have been built.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';

const REPOSITORY = path.resolve(import.meta.dirname, '..', '..');

const NODE: readonly (readonly [config: string, mode: string])[] = [
  ['vite.node.config.ts', 'production'],
  ['vite.electron.config.ts', 'main'],
  ['vite.electron.config.ts', 'preload'],
];

export interface BuiltHome {
  /** The folder with dist/, resources/ and package.json. */
  readonly folder: string;
  remove(): void;
}

/** Builds main, preload and engine; with `pages` the renderer too. */
export async function buildHome({ pages }: { pages: boolean }): Promise<BuiltHome> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fettle-built-'));
  const outDir = path.join(folder, 'dist');
  mkdirSync(outDir);
  for (const name of ['resources', 'node_modules', 'package.json'])
    symlinkSync(path.join(REPOSITORY, name), path.join(folder, name));
  for (const [config, mode] of NODE) await buildInto(outDir, config, mode);
  const built = path.join(REPOSITORY, 'dist', 'renderer');
  if (existsSync(path.join(built, 'index.html'))) symlinkSync(built, path.join(outDir, 'renderer'));
  else if (pages) await buildInto(path.join(outDir, 'renderer'), 'vite.renderer.config.ts', 'production');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function buildInto(outDir: string, config: string, mode: string): Promise<void> {
  const configFile = path.join(REPOSITORY, config);
  await build({ configFile, mode, logLevel: 'error', build: { outDir, sourcemap: false } });
}

/**
 * A built Fettle in a folder of its own, so that tests of what ships neither depend on an old dist/ nor replace the one that somebody
 * uses. What is newer in dist/ than its sources is copied from there, and the pages are taken from it wherever it has them.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';
import { isNewerThan } from './built-pages.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '..', '..');

const NODE: readonly (readonly [config: string, mode: string])[] = [
  ['vite.node.config.ts', 'production'],
  ['vite.electron.config.ts', 'main'],
  ['vite.electron.config.ts', 'preload'],
];

const SOURCES = ['main', 'common', 'preload', 'package-lock.json', ...NODE.map(([config]) => config)];

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
  const dist = path.join(REPOSITORY, 'dist');
  const built = path.join(dist, 'renderer');
  if (['cli.js', 'main.js', 'preload.cjs'].every((name) => isNewerThan(SOURCES, path.join(dist, name))))
    cpSync(dist, outDir, { recursive: true, filter: (file) => file !== built });
  else for (const [config, mode] of NODE) await buildInto(outDir, config, mode);
  if (existsSync(path.join(built, 'index.html'))) symlinkSync(built, path.join(outDir, 'renderer'));
  else if (pages) await buildInto(path.join(outDir, 'renderer'), 'vite.renderer.config.ts', 'production');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function buildInto(outDir: string, config: string, mode: string): Promise<void> {
  const configFile = path.join(REPOSITORY, config);
  await build({ configFile, mode, logLevel: 'error', build: { outDir, sourcemap: false } });
}

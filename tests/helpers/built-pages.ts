/** The built pages for tests: dist/renderer where it is there and as new as its sources, else a build in a folder of its own. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';

const REPOSITORY = path.resolve(import.meta.dirname, '..', '..');
const CONFIG = 'vite.renderer.config.ts';
const SOURCES = ['renderer', 'common', 'words', 'preload', CONFIG, 'package-lock.json'];

export interface BuiltPages {
  readonly folder: string;
  remove(): void;
}

/** Gives the pages, built where need be. */
export async function builtPages(): Promise<BuiltPages> {
  const built = path.join(REPOSITORY, 'dist', 'renderer');
  if (isNewerThan(SOURCES, path.join(built, 'index.html'))) return { folder: built, remove: () => {} };
  const folder = mkdtempSync(path.join(tmpdir(), 'fettle-pages-'));
  await build({
    configFile: path.join(REPOSITORY, CONFIG),
    mode: 'production',
    logLevel: 'error',
    build: { outDir: folder },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Whether `file` is there, and none of the `sources` in this repository has changed since. */
export function isNewerThan(sources: readonly string[], file: string): boolean {
  if (!existsSync(file)) return false;
  const { mtimeMs } = statSync(file);
  return sources.every((source) => newest(path.join(REPOSITORY, source)) <= mtimeMs);
}

function newest(file: string): number {
  const stats = statSync(file);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inside = readdirSync(file, { recursive: true, encoding: 'utf8' });
  return Math.max(...inside.map((name) => statSync(path.join(file, name)).mtimeMs));
}

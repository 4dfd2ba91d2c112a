/**
 * Builds what runs in Node into dist/: the command line, the engine's process and the programs of its threads. Packages
 * stay outside, because native ones cannot be bundled and the others are installed beside it anyway.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};
const packages = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });

function isExternal(id: string): boolean {
  if (id.startsWith('node:') || builtinModules.includes(id)) return true;
  return packages.some((name) => id === name || id.startsWith(`${name}/`));
}

const entries = {
  cli: 'main/cli/cli.ts',
  engine: 'main/engine/entry.ts',
  ...Object.fromEntries(
    globSync('main/**/*-thread.ts', { cwd: root }).map((file) => [basename(file, '.ts'), file]),
  ),
};
const input = Object.fromEntries(
  Object.entries(entries)
    .map(([name, path]) => [name, resolve(root, path)] as const)
    .filter(([, path]) => existsSync(path)),
);
if (Object.keys(input).length === 0)
  throw new Error(`Nothing to build: none of ${Object.values(entries)} exists.`);

export default defineConfig({
  build: {
    ssr: true,
    target: 'node22',
    outDir: 'dist',
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input,
      external: isExternal,
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
});

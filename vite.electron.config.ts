/**
 * Builds Electron's two files into dist/: the main process as a module, and (with `--mode preload`) the preload script as CommonJS,
 * since a sandboxed preload script is no module. Runs after vite.node.config.ts, which empties dist/.
 */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import node from './vite.node.config.ts';

const root = import.meta.dirname;
const isElectron = (id: string) => id === 'electron';

export default defineConfig(({ mode }) => {
  const output =
    mode === 'preload'
      ? { format: 'cjs' as const, entryFileNames: 'preload.cjs' }
      : { format: 'es' as const, entryFileNames: 'main.js', chunkFileNames: 'chunks/[name]-[hash].js' };
  const input = resolve(root, mode === 'preload' ? 'preload/index.ts' : 'main/electron/index.ts');
  const { external } = node.build?.rolldownOptions ?? {};
  const isOutside = (id: string) =>
    isElectron(id) || (typeof external === 'function' && external(id, undefined, false));
  return {
    build: {
      ...node.build,
      emptyOutDir: false,
      sourcemap: mode !== 'preload',
      rolldownOptions: { input, external: (id: string) => Boolean(isOutside(id)), output },
    },
  };
});

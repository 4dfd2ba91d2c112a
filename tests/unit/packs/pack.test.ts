/** The manifests of packs that are shipped: each belongs to the library that is used. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packBytes, readPack } from '../../../main/packs/pack.ts';
import { resourcesFolder } from '../../../main/paths.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');

describe('the manifest of the Vulkan pack', () => {
  it.each([
    ['linux-x64', 'libggml-vulkan.so'],
    ['win32-x64', 'ggml-vulkan.dll'],
  ])(
    'belongs to the node-llama-cpp that is installed (%s): run scripts/ggml-pack.ts when that changes',
    (platform, library) => {
      const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
      const pack = readPack(resourcesFolder(), 'ggml', platform)!;
      const [archive] = pack.archives;
      expect(pack.release).toBe(dependencies['node-llama-cpp']);
      expect(archive!.url).toBe(`https://registry.npmjs.org/${archive!.package}/-/${archive!.file}`);
      const names = archive!.members.map(({ file }) => file);
      expect(names).toContain(library);
      expect(names.some((name) => /LICENSE/.test(name))).toBe(true);
      const { download, disk } = packBytes(pack);
      expect([download / 1e6, disk / 1e6].map((size) => size.toFixed(0))).toEqual(
        platform === 'linux-x64' ? ['27', '73'] : ['27', '83'],
      );
    },
  );
});

/** The NVIDIA pack's manifest that is shipped: it belongs to the onnxruntime that is used, and says the same as the rest. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CUDA_13 } from '../../../main/hardware/graphics/access.ts';
import { packBytes, readManifest, readPack } from '../../../main/packs/pack.ts';
import { resourcesFolder } from '../../../main/paths.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');
const manifest = readManifest(resourcesFolder());
const files = manifest.archives.flatMap(({ members }) => members.map(({ file }) => file));

describe('the manifest of the NVIDIA pack', () => {
  it('belongs to the onnxruntime-node that is installed: run scripts/nvidia-pack.ts when that changes', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    expect(manifest.onnxruntime).toBe(dependencies['onnxruntime-node']);
    expect(manifest.archives[0]).toMatchObject({ package: 'onnxruntime-gpu', version: manifest.onnxruntime });
  });

  it('has the provider, all that it asks for, and the licences', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'libonnxruntime_providers_shared.so',
        'libonnxruntime_providers_cuda.so',
        'libcublasLt.so.13',
        'libcublas.so.13',
        'libcurand.so.10',
        'libcudart.so.13',
      ]),
    );
    expect(new Set(files).size).toBe(files.length);
    expect(manifest.preload.every((name) => files.includes(name))).toBe(true);
    for (const { members } of manifest.archives)
      expect(members.some(({ file }) => /licen[cs]e/i.test(file))).toBe(true);
  });

  it('comes from the index’s own file host', () => {
    for (const { url, file } of manifest.archives) {
      expect(url.startsWith('https://files.pythonhosted.org/packages/')).toBe(true);
      expect(url.endsWith(`/${file}`)).toBe(true);
    }
  });

  it('needs the driver and the cards that the capability check asks for', () => {
    expect(CUDA_13).toMatchObject({
      linux: manifest.oldestDriver,
      computeCapability: manifest.oldestCapability,
    });
  });

  it('is as large as the documentation says', () => {
    const { download, disk } = packBytes(manifest);
    expect([download / 1e9, disk / 1e9].map((size) => size.toFixed(1))).toEqual(['0.7', '1.0']);
  });
});

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

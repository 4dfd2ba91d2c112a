/**
 * Makes resources/ggml-pack.json: the packages of npm with ggml's library for Vulkan, of the version of node-llama-cpp that Fettle ships.
 * To be run for another version of that. It downloads 54 MB into a folder that may be given and is kept.
 *
 *   npx node scripts/ggml-pack.ts [folder]          writes the manifest
 *   npx node scripts/ggml-pack.ts [folder] --check  tells whether it is as it would be written
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PACKS, type PackArchive } from '../main/packs/pack.ts';
import { archiveOf, wheelsFolder, writeManifest } from './pack-manifest.ts';

const PROCESSORS = [
  ...['alderlake', 'cannonlake', 'cascadelake', 'cooperlake', 'haswell', 'icelake', 'ivybridge'],
  ...['piledriver', 'sandybridge', 'sapphirerapids', 'skylakex', 'sse42', 'x64', 'zen4'],
];

/** By system and processor: the package, and how its libraries' names begin and end. */
const PLATFORMS = {
  'linux-x64': ['linux-x64-vulkan', 'lib', 'so'],
  'win32-x64': ['win-x64-vulkan', '', 'dll'],
} as const;

const manifest = JSON.parse(readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8'));
const version: string =
  manifest.dependencies?.['node-llama-cpp'] ?? manifest.optionalDependencies['node-llama-cpp'];
const folder = wheelsFolder('fettle-ggml-packages');
const platforms: Record<string, { archives: PackArchive[] }> = {};
for (const [platform, [name, start, end]] of Object.entries(PLATFORMS)) {
  const parts = ['-base', '-vulkan', '.vulkan.v0.4.0', ...PROCESSORS.map((one) => `-cpu-${one}`)];
  const archive = await archiveOf(
    {
      ...{ package: `@node-llama-cpp/${name}`, version, wheel: 'npm' },
      libraries: parts.map((part) => `${start}ggml${part}.${end}`),
      licence: { name: 'MIT', url: 'https://github.com/ggml-org/ggml/blob/master/LICENSE' },
    },
    folder,
  );
  platforms[platform] = { archives: [archive] };
}
writeManifest(PACKS.ggml.file, { version: 1, release: version, platforms });

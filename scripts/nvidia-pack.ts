/**
 * Makes resources/nvidia-pack.json: which archives of the Python Package Index the NVIDIA pack is made of, what is taken out of them,
 * and what everything must hash to. To be run when onnxruntime-node changes, after a look at what the new provider needs
 * (`readelf -d libonnxruntime_providers_cuda.so`). It downloads about 0.7 GB into a folder that may be given and is kept.
 *
 *   npx node scripts/nvidia-pack.ts [folder]          writes the manifest
 *   npx node scripts/nvidia-pack.ts [folder] --check  tells whether it is as it would be written
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MANIFEST_FILE, type PackArchive } from '../main/packs/pack.ts';
import { archiveOf, type Wanted, wheelsFolder, writeManifest } from './pack-manifest.ts';

/**
 * onnxruntime's provider is built with CUDA 13.0: libraries of 13.0 fit the oldest driver that it can work with. It asks for these four
 * (in its dynamic section), and loads cuDNN and cuFFT only for operations that Fettle's graphs do not have.
 */
const CUDA = '13.0';
const WANTED: readonly Wanted[] = [
  {
    package: 'onnxruntime-gpu',
    version: lockedVersion('onnxruntime-node'),
    wheel: /-cp313-cp313-manylinux.*x86_64\.whl$/,
    libraries: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'],
    licence: { name: 'MIT', url: 'https://github.com/microsoft/onnxruntime/blob/main/LICENSE' },
  },
  nvidia('nvidia-cuda-runtime', '13.0.96', ['libcudart.so.13']),
  nvidia('nvidia-cublas', '13.0.2.14', ['libcublasLt.so.13', 'libcublas.so.13']),
  nvidia('nvidia-curand', '10.4.0.35', ['libcurand.so.10']),
];

function nvidia(name: string, version: string, libraries: readonly string[]): Wanted {
  const licence = { name: 'NVIDIA CUDA Toolkit EULA', url: 'https://docs.nvidia.com/cuda/eula/' };
  return { package: name, version, wheel: /manylinux.*x86_64\.whl$/, libraries, licence };
}

function lockedVersion(name: string): string {
  const lock = JSON.parse(readFileSync(path.join(import.meta.dirname, '..', 'package-lock.json'), 'utf8'));
  return lock.packages[`node_modules/${name}`].version;
}

const folder = wheelsFolder('fettle-nvidia-wheels');
const archives: PackArchive[] = [];
for (const wanted of WANTED) archives.push(await archiveOf(wanted, folder));
writeManifest(MANIFEST_FILE, {
  version: 1,
  onnxruntime: WANTED[0]!.version,
  cuda: CUDA,
  platform: 'linux-x64',
  // NVIDIA's table of drivers for CUDA 13.0; the oldest cards that the provider has code for
  oldestDriver: '580.65.06',
  oldestCapability: 7.5,
  preload: WANTED.slice(1).flatMap(({ libraries }) => libraries),
  archives,
});

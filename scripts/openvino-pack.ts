/**
 * Makes resources/openvino-pack.json: the archives of the Python Package Index that the speed pack is made of, one for each system, and
 * what is taken out of them. To be run for another version of OpenVINO. It downloads about 0.2 GB into a folder that may be given and
 * is kept. Which of the libraries need which others: `readelf -d` under Linux.
 *
 *   npx node scripts/openvino-pack.ts [folder]          writes the manifest
 *   npx node scripts/openvino-pack.ts [folder] --check  tells whether it is as it would be written
 */
import { PACKS, type PackArchive } from '../main/packs/pack.ts';
import { archiveOf, wheelsFolder, writeManifest } from './pack-manifest.ts';

const VERSION = '2026.4.1';
const SONAME = '2641';

/** By system and processor: the C functions, the reader of ONNX files, the plugin for the processor, and threads. */
const PLATFORMS: Readonly<Record<string, { readonly wheel: RegExp; readonly libraries: readonly string[] }>> =
  {
    'linux-x64': { wheel: /-cp312-cp312-manylinux.*x86_64\.whl$/, libraries: linux('intel') },
    'linux-arm64': { wheel: /-cp312-cp312-manylinux.*aarch64\.whl$/, libraries: linux('arm') },
    'win32-x64': {
      wheel: /-cp312-cp312-win_amd64\.whl$/,
      libraries: [
        ...['openvino.dll', 'openvino_c.dll', 'openvino_onnx_frontend.dll', 'openvino_intel_cpu_plugin.dll'],
        ...['tbb12.dll', 'tbbbind_2_5.dll', 'tbbmalloc.dll'],
      ],
    },
    'darwin-arm64': {
      wheel: /-cp312-cp312-macosx.*arm64\.whl$/,
      libraries: [
        ...['', '_c', '_onnx_frontend'].map((part) => `libopenvino${part}.${SONAME}.dylib`),
        'libopenvino_arm_cpu_plugin.so',
        ...['libtbb.12.dylib', 'libtbbmalloc.2.dylib', 'libtbbbind_2_5.3.dylib', 'libhwloc.dylib'],
      ],
    },
  };

function linux(maker: string): string[] {
  return [
    ...['', '_c', '_onnx_frontend'].map((part) => `libopenvino${part}.so.${SONAME}`),
    `libopenvino_${maker}_cpu_plugin.so`,
    ...['libtbb.so.12', 'libtbbmalloc.so.2', 'libtbbbind_2_5.so.3', 'libhwloc.so.15'],
  ];
}

const folder = wheelsFolder('fettle-openvino-wheels');
const platforms: Record<string, { archives: PackArchive[] }> = {};
for (const [platform, wanted] of Object.entries(PLATFORMS)) {
  const archive = await archiveOf(
    {
      ...wanted,
      package: 'openvino',
      version: VERSION,
      legal: /third-party-programs\.txt$/,
      licence: { name: 'Apache-2.0', url: 'https://github.com/openvinotoolkit/openvino/blob/master/LICENSE' },
    },
    folder,
  );
  platforms[platform] = { archives: [archive] };
}
writeManifest(PACKS.openvino.file, { version: 1, release: VERSION, platforms });

/**
 * Makes resources/tensorflow-pack.json: the archive of the Python Package Index that the TensorFlow pack is made of, and what is taken out
 * of it. It downloads 0.2 GB into a folder that may be given and is kept. Until TensorFlow 2.11 the C functions are in a library that needs
 * Python.
 *
 *   npx node scripts/tensorflow-pack.ts [folder]          writes the manifest
 *   npx node scripts/tensorflow-pack.ts [folder] --check  tells whether it is as it would be written
 */
import { PACKS } from '../main/packs/pack.ts';
import { archiveOf, wheelsFolder, writeManifest } from './pack-manifest.ts';

const VERSION = '2.15.1';

const archive = await archiveOf(
  {
    package: 'tensorflow-cpu',
    version: VERSION,
    wheel: /-cp311-cp311-manylinux.*x86_64\.whl$/,
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    legal: /^THIRD_PARTY_NOTICES\.txt$/,
    licence: { name: 'Apache-2.0', url: `https://github.com/tensorflow/tensorflow/blob/v${VERSION}/LICENSE` },
  },
  wheelsFolder('fettle-tensorflow-wheels'),
);
const platforms = { 'linux-x64': { archives: [archive] } };
writeManifest(PACKS.tensorflow.file, { version: 1, release: VERSION, platforms });

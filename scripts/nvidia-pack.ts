/**
 * Makes resources/nvidia-pack.json: which archives of the Python Package Index the NVIDIA pack is made of, what is taken out of them,
 * and what everything must hash to. To be run when onnxruntime-node changes, after a look at what the new provider needs
 * (`readelf -d libonnxruntime_providers_cuda.so`). It downloads about 0.7 GB into a folder that may be given and is kept.
 *
 *   npx node scripts/nvidia-pack.ts [folder]          writes the manifest
 *   npx node scripts/nvidia-pack.ts [folder] --check  tells whether it is as it would be written
 */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Unzip, UnzipInflate } from 'fflate';
import { MANIFEST_FILE, type PackArchive, type PackManifest, type PackMember } from '../main/packs/pack.ts';
import { resourcesFolder } from '../main/paths.ts';

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

interface Wanted {
  readonly package: string;
  readonly version: string;
  readonly wheel: RegExp;
  readonly libraries: readonly string[];
  readonly licence: PackArchive['licence'];
}

function nvidia(name: string, version: string, libraries: readonly string[]): Wanted {
  const licence = { name: 'NVIDIA CUDA Toolkit EULA', url: 'https://docs.nvidia.com/cuda/eula/' };
  return { package: name, version, wheel: /manylinux.*x86_64\.whl$/, libraries, licence };
}

function lockedVersion(name: string): string {
  const lock = JSON.parse(readFileSync(path.join(import.meta.dirname, '..', 'package-lock.json'), 'utf8'));
  return lock.packages[`node_modules/${name}`].version;
}

/** A file as the index lists it (PEP 691). */
interface Listed {
  readonly filename: string;
  readonly url: string;
  readonly size: number;
  readonly hashes: { readonly sha256: string };
}

async function listedOf({ package: name, version, wheel }: Wanted): Promise<Listed> {
  const address = `https://pypi.org/simple/${name}/`;
  const answer = await fetch(address, { headers: { accept: 'application/vnd.pypi.simple.v1+json' } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const { files } = (await answer.json()) as { files: Listed[] };
  const start = `${name.replaceAll('-', '_')}-${version}-`;
  const found = files.filter(({ filename }) => filename.startsWith(start) && wheel.test(filename));
  if (found.length !== 1) throw new Error(`${found.length} files of ${name} ${version} fit ${wheel}`);
  return found[0]!;
}

async function bring({ url, filename, hashes }: Listed, folder: string): Promise<string> {
  const file = path.join(folder, filename);
  if (!existsSync(file) || (await sha256(file)) !== hashes.sha256) {
    const answer = await fetch(url);
    if (!answer.ok || !answer.body) throw new Error(`${url}: ${answer.status}`);
    await pipeline(
      Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream),
      createWriteStream(file),
    );
  }
  if ((await sha256(file)) !== hashes.sha256) throw new Error(`${file} is not what the index says`);
  return file;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digest('hex');
}

/** The libraries, and the texts of the licences, each under a name that says whose it is. */
async function membersOf(file: string, wanted: Wanted): Promise<PackMember[]> {
  const members: PackMember[] = [];
  const unzip = new Unzip((entry) => {
    const name = nameInPack(entry.name, wanted);
    const hash = createHash('sha256');
    let bytes = 0;
    entry.ondata = (error, piece, final) => {
      if (error) throw error;
      hash.update(piece);
      bytes += piece.length;
      if (final && name !== null)
        members.push({ path: entry.name, file: name, bytes, sha256: hash.digest('hex') });
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  for await (const piece of createReadStream(file)) unzip.push(piece as Uint8Array);
  const missing = wanted.libraries.filter((name) => !members.some((member) => member.file === name));
  if (missing.length > 0) throw new Error(`${file} has no ${missing.join(', ')}`);
  return members.sort((a, b) => a.file.localeCompare(b.file));
}

function nameInPack(name: string, { libraries, package: from }: Wanted): string | null {
  const base = path.posix.basename(name);
  if (libraries.includes(base)) return base;
  const isLegal = /^(LICENSE|License|ThirdPartyNotices|NOTICE)(\.txt)?$/.test(base);
  return isLegal ? `${from}.${base}` : null;
}

async function archiveOf(wanted: Wanted, folder: string): Promise<PackArchive> {
  const listed = await listedOf(wanted);
  const file = await bring(listed, folder);
  return {
    package: wanted.package,
    version: wanted.version,
    licence: wanted.licence,
    file: listed.filename,
    url: listed.url,
    bytes: listed.size,
    sha256: listed.hashes.sha256,
    members: await membersOf(file, wanted),
  };
}

const given = process.argv.slice(2);
const folder = given.find((word) => !word.startsWith('--')) ?? path.join(os.tmpdir(), 'fettle-nvidia-wheels');
mkdirSync(folder, { recursive: true });
const archives: PackArchive[] = [];
for (const wanted of WANTED) archives.push(await archiveOf(wanted, folder));
const manifest: PackManifest = {
  version: 1,
  onnxruntime: WANTED[0]!.version,
  cuda: CUDA,
  platform: 'linux-x64',
  // NVIDIA's table of drivers for CUDA 13.0; the oldest cards that the provider has code for
  oldestDriver: '580.65.06',
  oldestCapability: 7.5,
  preload: WANTED.slice(1).flatMap(({ libraries }) => libraries),
  archives,
};
const text = `${JSON.stringify(manifest, null, 2)}\n`;
const target = path.join(resourcesFolder(), MANIFEST_FILE);
if (given.includes('--check')) {
  const isSame = existsSync(target) && readFileSync(target, 'utf8') === text;
  console.log(isSame ? `${target} is up to date.` : `${target} differs from what would be written.`);
  process.exitCode = isSame ? 0 : 1;
} else {
  writeFileSync(target, text);
  console.log(`${target}: ${archives.length} archives`);
}

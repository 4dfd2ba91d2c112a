/** Models that other programs on this computer have: found where each keeps them, and used there as they are. */
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { LocalModel, ProgramModel } from '../../common/api/contract.ts';
import { AppError, systemError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { cachedSnapshots, huggingFaceCache } from '../hugging-face.ts';
import { here, localAppData, type Surroundings, xdg } from '../paths.ts';
import { isPart } from './catalog.ts';
import { encoderIn } from './local.ts';

interface Program {
  readonly name: string;
  /** Where it keeps models; those that are not there are passed over. */
  readonly folders: (at: Surroundings) => readonly (string | undefined)[];
  readonly find: (folder: string) => Promise<Found[]>;
}

type Found = Omit<ProgramModel, 'program'>;

const PROGRAMS: readonly Program[] = [
  {
    name: 'LM Studio',
    folders: ({ home }) => [path.join(home, '.lmstudio/models'), path.join(home, '.cache/lm-studio/models')],
    find: ggufsIn,
  },
  {
    name: 'Ollama',
    folders: ({ home, env, platform }) => [
      env.OLLAMA_MODELS ?? path.join(home, '.ollama/models'),
      platform === 'linux' ? '/usr/share/ollama/.ollama/models' : undefined,
    ],
    find: ollamaModels,
  },
  {
    name: 'llama.cpp',
    folders: (at) => [at.env.LLAMA_CACHE ?? path.join(cacheOf(at), 'llama.cpp')],
    find: ggufsIn,
  },
  {
    name: 'Hugging Face',
    folders: (at) => [huggingFaceCache(at)],
    find: cachedModels,
  },
  {
    name: 'GPT4All',
    folders: (at) => [path.join(dataOf(at), 'nomic.ai/GPT4All')],
    find: ggufsIn,
  },
];

function cacheOf(at: Surroundings): string {
  if (at.platform === 'darwin') return path.join(at.home, 'Library/Caches');
  if (at.platform === 'win32') return localAppData(at);
  return xdg(at, 'XDG_CACHE_HOME') ?? path.join(at.home, '.cache');
}

function dataOf(at: Surroundings): string {
  if (at.platform === 'darwin') return path.join(at.home, 'Library/Application Support');
  if (at.platform === 'win32') return localAppData(at);
  return xdg(at, 'XDG_DATA_HOME') ?? path.join(at.home, '.local/share');
}

/** Folders and files that are looked at for a program, at most, and how deep. */
const MOST_ENTRIES = 5000;
const DEEPEST = 4;
const LEAST_BYTES = 1e6;

/** What other programs have and `known` lacks, by program and name. Nothing is opened but lists of Ollama's and config.json. */
export async function programModels(
  known: readonly LocalModel[],
  at: Surroundings = here(),
): Promise<ProgramModel[]> {
  const ours = new Set(await Promise.all(known.map((model) => realOf(model.path))));
  const all: ProgramModel[] = [];
  for (const { name: program, folders, find } of PROGRAMS)
    for (const folder of folders(at)) {
      if (folder === undefined || !existsSync(folder)) continue;
      const found = await find(folder).catch(() => []);
      for (const one of found.toSorted((a, b) => a.name.localeCompare(b.name)))
        if (!ours.has(await realOf(one.path))) all.push({ program, ...one });
    }
  return all;
}

const realOf = (file: string): Promise<string> => fs.realpath(file).catch(() => file);

async function ggufsIn(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  let looked = 0;
  const look = async (inside: string, depth: number): Promise<void> => {
    for (const entry of await fs.readdir(inside, { withFileTypes: true }).catch(() => [])) {
      if (++looked > MOST_ENTRIES) return;
      const whole = path.join(inside, entry.name);
      if (entry.isDirectory() && depth < DEEPEST) await look(whole, depth + 1);
      else if (entry.isFile() && /\.gguf$/i.test(entry.name) && !isPart(entry.name)) {
        const { size } = await fs.stat(whole);
        const encoder = await encoderIn(whole);
        if (size >= LEAST_BYTES && encoder !== 'unknown')
          found.push({
            name: entry.name.replace(/\.gguf$/i, ''),
            path: whole,
            bytes: size,
            ...(encoder && { reads: true as const }),
          });
      }
    }
  };
  await look(folder, 1);
  return found;
}

/** Those with weights in safetensors; encoders of families that are not computed, and those that give scores, are left out. */
async function cachedModels(hub: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const { name, folder } of await cachedSnapshots(hub)) {
    const names = await fs.readdir(folder).catch((): string[] => []);
    const weights = names.filter(
      (file) => file.endsWith('.safetensors') && !file.startsWith('adapter_model'),
    );
    if (weights.length === 0 || !names.includes('config.json')) continue;
    const sizes = await Promise.all(
      weights.map((file) => fs.stat(path.join(folder, file)).then(({ size }) => size)),
    ).catch(() => null);
    // a weight whose content is gone is a download that was not finished
    if (sizes === null) continue;
    const encoder = await encoderIn(folder);
    if (encoder !== null && encoder !== 'known') continue;
    found.push({
      name,
      path: folder,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      ...(encoder && { reads: true as const }),
    });
  }
  return found;
}

const MODEL_LAYER = 'application/vnd.ollama.image.model';
const MOST_LIST_BYTES = 65_536;

/** A list `manifests/<host>/<owner>/<model>/<tag>` names the content `blobs/sha256-…`, which is a GGUF file. */
async function ollamaModels(folder: string): Promise<Found[]> {
  const manifests = path.join(folder, 'manifests');
  const found: Found[] = [];
  const entries = await fs.readdir(manifests, { recursive: true, withFileTypes: true });
  for (const entry of entries.slice(0, MOST_ENTRIES)) {
    if (!entry.isFile()) continue;
    const list = path.join(entry.parentPath, entry.name);
    if ((await fs.stat(list)).size > MOST_LIST_BYTES) continue;
    const digest = digestIn(await fs.readFile(list, 'utf8'));
    if (digest === null) continue;
    const blob = path.join(folder, 'blobs', `sha256-${digest}`);
    const size = await fs.stat(blob).then(
      (stats) => stats.size,
      () => 0,
    );
    const name = `${path.basename(entry.parentPath)}:${entry.name}`;
    if (size >= LEAST_BYTES) found.push({ name, path: blob, bytes: size });
  }
  return found;
}

function digestIn(text: string): string | null {
  let list: { layers?: unknown };
  try {
    list = JSON.parse(text) as { layers?: unknown };
  } catch {
    return null;
  }
  const layers = Array.isArray(list?.layers)
    ? (list.layers as { mediaType?: unknown; digest?: unknown }[])
    : [];
  const layer = layers.find((one) => one?.mediaType === MODEL_LAYER);
  return /^sha256:([0-9a-f]{64})$/.exec(String(layer?.digest))?.[1] ?? null;
}

/** A path that can be added: content without a name of its own gets a link `<name>.gguf` in `links`. */
export async function namedPath({ name, path: file }: ProgramModel, links: string): Promise<string> {
  if (!/^sha256-[0-9a-f]{64}$/.test(path.basename(file))) return file;
  const link = path.join(links, `${name.replace(/[^\w.-]+/g, '-')}.gguf`);
  try {
    await fs.mkdir(links, { recursive: true });
    await fs.rm(link, { force: true });
    // Windows allows links to files to few, and a second name on the same disk to all
    await fs.symlink(file, link).catch(() => fs.link(file, link));
    return link;
  } catch (cause) {
    throw systemError(cause, link);
  }
}

/** The model at `file` among `found`. Throws an AppError where the program has it no more. */
export function programModelAt(found: readonly ProgramModel[], file: string): ProgramModel {
  const model = found.find((one) => one.path === file);
  if (model) return model;
  throw new AppError('no-model', say`This model is not in the list any more.`, say`Load the list again.`);
}
